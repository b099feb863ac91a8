import { DataFrame, getDefaultTimeRange, LoadingState, PanelData } from '@grafana/data';
import { PanelRenderer } from '@grafana/runtime';
import React, { useMemo } from 'react';
import { plural } from '../format/format';
import { Answer } from '../source/useQuery';
import { Section } from '../ui/Section';
import { Summary } from '../ui/Messages';
import { useWidth } from '../ui/useWidth';

interface Props {
  frame: DataFrame;
  answer: Answer;
}

const height = 600;

/** The trace in Grafana's own waterfall. */
export function Waterfall({ frame, answer: { request } }: Props) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const data: PanelData = useMemo(() => {
    // Grafana's panel takes from the request whose trace it is.
    const own = request && { ...request, targets: request.targets.filter(({ refId }) => refId === 'trace') };
    const timeRange = request?.range ?? getDefaultTimeRange();
    return { state: LoadingState.Done, series: [frame], timeRange, request: own };
  }, [frame, request]);
  return (
    <Section title="Waterfall">
      <Summary>{omission(frame)}</Summary>
      <div ref={ref} style={{ height }}>
        {width > 0 && <PanelRenderer pluginId="traces" title="Waterfall" data={data} width={width} height={height} />}
      </div>
    </Section>
  );
}

function omission(frame: DataFrame): string {
  const spans = plural(frame.length, 'span');
  return frame.meta?.custom?.truncated === true ? `${spans}. The trace has more than is shown.` : `${spans}.`;
}
