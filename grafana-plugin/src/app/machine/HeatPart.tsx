import { DataFrame } from '@grafana/data';
import React, { useMemo, useState } from 'react';
import { locationService } from '@grafana/runtime';
import { Measure } from '../../workflow/states';
import { aggregateRuns } from '../drawing/runs';
import { Workflow } from '../drawing/Workflow';
import { Section } from '../ui/Section';
import { pagePath } from '../url/paths';
import { UrlRange } from '../url/timeRange';

interface Props {
  frame: DataFrame;
  machine: string;
  range: UrlRange;
}

/** All executions of the range in one drawing: where they fail, or where the time goes. A state leads to its failures. */
export function HeatPart({ frame, machine, range }: Props) {
  const runs = useMemo(() => aggregateRuns(frame), [frame]);
  const [measure, setMeasure] = useState<Measure>('failures');
  const { definition, approximate } = frame.meta?.custom ?? {};
  const open = (failedState?: string) =>
    failedState && locationService.push(pagePath('executions', { machine, failedState, ...range }));
  return (
    <Section title="Workflow">
      <Workflow
        definition={definition ?? null}
        states={runs}
        mode="aggregate"
        measure={measure}
        onMeasure={setMeasure}
        onSelect={open}
        notices={approximate === true ? approximated : undefined}
      />
    </Section>
  );
}

const approximated = ['Over more than a day, durations are off by a tenth at most, and large counts are estimates.'];
