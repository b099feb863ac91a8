import { LoadingState, PanelData } from '@grafana/data';
import { SteptraceQuery } from '../datasource/query';

const notFound = 404;

/** What a panel says that has no workflow to draw: why, and what to do. */
export function whyEmpty(data: PanelData): string {
  const { series, state } = data;
  const error = data.errors?.[0] ?? data.error;
  if (state === LoadingState.Loading) {
    return 'Reading the workflow …';
  }
  if (error) {
    const said = error.message ?? error.data?.message ?? error.statusText ?? 'no reason was given';
    return error.status === notFound ? `Nothing is stored of it yet: ${said}.` : `It could not be read: ${said}.`;
  }
  if (series.length > 0) {
    return 'This panel draws the query type Workflow of the Steptrace data source; the query answers something else.';
  }
  // Of a state machine there is always an answer, so none was asked for.
  return asksForMany(data)
    ? 'Choose the one state machine whose executions are drawn together.'
    : 'No data: nothing ran in this time range, or there is no such execution.';
}

function asksForMany({ request }: PanelData): boolean {
  const targets = (request?.targets ?? []) as Array<Partial<SteptraceQuery>>;
  return targets.some(({ queryType, aggregate }) => queryType === 'workflow' && aggregate);
}
