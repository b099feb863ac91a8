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

function queriesFor(execution: string): SteptraceQuery[] {
  const of = { execution, live: true };
  return [
    { refId: 'workflow', queryType: 'workflow', ...of },
    { refId: 'trace', queryType: 'trace', ...of },
  ];
}

/** All of one execution but its events; it follows the execution while that runs. */
export function useExecution(execution: string) {
  const { resources } = useSource();
  const queries = useMemo(() => queriesFor(execution), [execution]);
  const answer = useQuery(queries, range);
  const workflowFrame = frameOf(answer, 'workflow');
  const trace = frameOf(answer, 'trace');
  const workflow = useMemo(() => readWorkflow(workflowFrame), [workflowFrame]);
  const spans = useMemo(() => readTrace(trace), [trace]);
  const status = workflow.execution?.status;
  // What it cost changes when it ends.
  const load = useCallback(
    () => (status ? resources.execution(execution) : Promise.resolve(undefined)),
    [resources, execution, status]
  );
  const { value, error } = useLoaded(load);
  return { answer, workflowFrame, trace, workflow, spans, cost: { value: value?.cost ?? null, error } };
}
