import { needsExecution } from '../complete';
import { SteptraceQuery } from '../query';

const traceId = /^[0-9a-f]{32}$/;

/**
 * The changes that concern queries: of one trace where they name an execution, of any otherwise. The trace of an ARN is
 * asked for; as long as the store does not know the execution, any change may be its start.
 */
export async function tracesOf(
  queries: SteptraceQuery[],
  traceOf: (arn: string) => Promise<string>
): Promise<string[]> {
  const traces = await Promise.all(queries.map((q) => oneTrace(q, traceOf)));
  return traces.includes('all') ? ['all'] : Array.from(new Set(traces));
}

async function oneTrace(query: SteptraceQuery, traceOf: (arn: string) => Promise<string>): Promise<string> {
  const { execution } = query;
  if (!needsExecution(query) || !execution || execution === 'latest') {
    return 'all';
  }
  if (traceId.test(execution)) {
    return execution;
  }
  // Without the trace every change is asked after, which is right and only costs more: no error of the query.
  return traceOf(execution).catch(() => 'all');
}
