import { useCallback, useMemo } from 'react';
import { SteptraceQuery } from '../../datasource/query';
import { readTrace } from '../frame/trace';
import { readWorkflow } from '../frame/workflow';
import { useSource } from '../source/SourceContext';
import { useLoaded } from '../source/useLoaded';
import { frameOf, useQuery } from '../source/useQuery';
import { toTimeRange } from '../url/timeRange';

// An execution is found whatever the range; the data source has to be given one.
const range = toTimeRange({ from: 'now-24h', to: 'now' });

type Part = 'workflow' | 'trace';

function usePart(part: Part, execution: string) {
  const queries: SteptraceQuery[] = useMemo(
    () => [{ refId: part, queryType: part, execution, live: true }],
    [part, execution]
  );
  const answer = useQuery(queries, range);
  return { answer, frame: frameOf(answer, part) };
}

/** All of one execution but its events, each part as soon as it is there; it follows the execution while that runs. */
export function useExecution(execution: string) {
  const { resources } = useSource();
  const { answer, frame } = usePart('workflow', execution);
  const trace = usePart('trace', execution);
  const workflow = useMemo(() => readWorkflow(frame), [frame]);
  const spans = useMemo(() => readTrace(trace.frame), [trace.frame]);
  const status = workflow.execution?.status;
  // What it cost changes when it ends.
  const load = useCallback(
    () => (status ? resources.execution(execution) : Promise.resolve(undefined)),
    [resources, execution, status]
  );
  const { value, error } = useLoaded(load);
  return { answer, frame, workflow, trace, spans, cost: { value: value?.cost ?? null, error } };
}
