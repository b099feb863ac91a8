import { TimeRange } from '@grafana/data';
import { TimeRangePicker } from '@grafana/ui';
import React from 'react';
import { fromTimeRange, moved, UrlRange, zoomedOut } from '../url/timeRange';

interface Props {
  range: TimeRange;
  onChange: (range: UrlRange) => void;
}

// The time zone is the user's, set in Grafana's preferences.
const keepTimeZone = () => undefined;

export function RangePicker({ range, onChange }: Props) {
  return (
    <TimeRangePicker
      value={range}
      onChange={(next) => onChange(fromTimeRange(next))}
      onChangeTimeZone={keepTimeZone}
      onMoveBackward={() => onChange(moved(range, -1))}
      onMoveForward={() => onChange(moved(range, 1))}
      onZoom={() => onChange(zoomedOut(range))}
    />
  );
}
