import { CoreApp } from '@grafana/data';
import { SteptraceQuery } from './query';

/** What a new query asks for: alert rules want numbers, Explore and dashboards what ran. */
export function defaultQuery(app?: CoreApp): Partial<SteptraceQuery> {
  switch (app) {
    case CoreApp.UnifiedAlerting:
    case CoreApp.CloudAlerting:
      return { queryType: 'failures', format: 'numeric', metric: 'count' };
    case CoreApp.Explore:
      return { queryType: 'executions', format: 'table' };
    default:
      return { queryType: 'executions', format: 'table', live: true };
  }
}
