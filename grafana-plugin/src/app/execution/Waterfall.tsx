import { DataFrame, getDefaultTimeRange, LoadingState, PanelData } from '@grafana/data';
import { PanelRenderer } from '@grafana/runtime';
import { LoadingPlaceholder } from '@grafana/ui';
import React, { useMemo } from 'react';
import { plural } from '../format/format';
import { Answer } from '../source/useQuery';
import { Section } from '../ui/Section';
import { Errors, Summary } from '../ui/Messages';
import { useWidth } from '../ui/useWidth';

interface Props {
  frame?: DataFrame;
  answer: Answer;
  retry: () => void;
}

const height = 600;

/** The trace in Grafana's own waterfall. */
export function Waterfall({ frame, answer, retry }: Props) {
  return (
    <Section title="Waterfall">
      <Errors title="The trace could not be read" errors={answer.errors} retry={retry} />
      <Summary>{frame ? omission(frame) : ''}</Summary>
      {answer.loading && !frame && <LoadingPlaceholder text="Reading the trace…" />}
      {frame && <Panel frame={frame} request={answer.request} />}
    </Section>
  );
}

// Grafana's panel takes from the request whose trace it is.
function Panel({ frame, request }: { frame: DataFrame; request: Answer['request'] }) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const data: PanelData = useMemo(() => {
    const timeRange = request?.range ?? getDefaultTimeRange();
    return { state: LoadingState.Done, series: [frame], timeRange, request };
  }, [frame, request]);
  return (
    <div ref={ref} style={{ height }}>
      {width > 0 && <PanelRenderer pluginId="traces" title="Waterfall" data={data} width={width} height={height} />}
    </div>
  );
}

function omission(frame: DataFrame): string {
  const spans = plural(frame.length, 'span');
  return frame.meta?.custom?.truncated === true ? `${spans}. The trace has more than is shown.` : `${spans}.`;
}
