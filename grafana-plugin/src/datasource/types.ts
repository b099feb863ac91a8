import { Format, QueryType, SteptraceQuery } from './query';

type Field = Exclude<keyof SteptraceQuery, 'refId' | 'hide' | 'datasource' | 'key' | 'queryType' | 'format' | 'metric'>;

export interface TypeOfQuery {
  label: string;
  description: string;
  /** What such a query can say, besides its format. */
  fields: Field[];
  /** What `time_series` and `numeric` can tell, the default first; SQL's metrics have no name. */
  metrics: Partial<Record<Format, string[]>>;
}

const executionMetrics = ['count', 'ended', 'error_rate', 'p50', 'p95', 'p99'];
const stateMetrics = ['visits', 'failed', 'error_rate', 'p50', 'p95', 'p99', 'wait', 'wait_p95', 'retries', 'backoff'];
const callMetrics = ['calls', 'errors', 'error_rate', 'throttled', 'retries', 'p50', 'p95', 'p99'];
const costMetrics = ['total', 'step_functions', 'lambda'];

/** The types of queries (docs/grafana-data.md). */
export const types: Record<QueryType, TypeOfQuery> = {
  executions: {
    label: 'Executions',
    description: 'Search executions, or count them',
    fields: [
      'stateMachines',
      'statuses',
      'errors',
      'name',
      'text',
      'failedState',
      'minDuration',
      'maxDuration',
      'mapRun',
      'step',
      'limit',
      'live',
      'exemplars',
    ],
    metrics: {
      time_series: executionMetrics,
      numeric: [...executionMetrics, 'running', 'stuck', 'redrivable'],
    },
  },
  trace: {
    label: 'Trace',
    description: 'One execution with its states, Lambda invocations and AWS calls',
    fields: ['execution', 'live'],
    metrics: {},
  },
  workflow: {
    label: 'Workflow',
    description: 'A definition with what became of its states: for the workflow panel',
    fields: ['execution', 'aggregate', 'stateMachines', 'live'],
    metrics: {},
  },
  states: {
    label: 'States',
    description: 'Rate, errors, latency, waiting and retries of states',
    fields: ['stateMachines', 'states', 'step', 'limit'],
    metrics: { time_series: stateMetrics, numeric: stateMetrics },
  },
  events: {
    label: 'Events',
    description: 'The history of one execution, with payloads, as logs',
    fields: ['execution', 'state', 'eventTypes', 'limit', 'live'],
    metrics: {},
  },
  failures: {
    label: 'Failures',
    description: 'States and executions that failed, and why',
    fields: ['stateMachines', 'states', 'errors', 'kind', 'caught', 'step', 'limit', 'live'],
    metrics: { time_series: ['count', 'executions'], numeric: ['count', 'executions', 'each'] },
  },
  calls: {
    label: 'AWS calls',
    description: 'Calls of AWS services by functions and states',
    fields: [
      'execution',
      'stateMachines',
      'services',
      'operations',
      'callers',
      'resource',
      'failedOnly',
      'slowest',
      'step',
      'limit',
    ],
    metrics: { time_series: callMetrics, numeric: callMetrics },
  },
  functions: {
    label: 'Lambda functions',
    description: 'Invocations, errors, cold starts and durations of functions',
    fields: ['stateMachines', 'limit'],
    metrics: {},
  },
  map_runs: {
    label: 'Map Runs',
    description: 'Distributed maps with the outcome of their children',
    fields: ['stateMachines', 'mapRun', 'limit'],
    metrics: { numeric: ['failed_share', 'failed'] },
  },
  cost: {
    label: 'Cost',
    description: 'What executions cost at the price table',
    fields: ['execution', 'stateMachines', 'by', 'architecture', 'step', 'limit'],
    metrics: { time_series: costMetrics, numeric: costMetrics },
  },
  machines: {
    label: 'State machines',
    description: 'State machines with the outcome of their executions',
    fields: ['stateMachines', 'limit'],
    metrics: {},
  },
  sql: {
    label: 'SQL',
    description: 'A statement of your own that reads the store',
    fields: ['rawSql', 'step', 'limit'],
    metrics: { time_series: [''], numeric: [''] },
  },
};

/** The formats that a type has, the default first. */
export function formatsOf(type: QueryType): Format[] {
  return ['table', ...(Object.keys(types[type].metrics) as Format[])];
}

/** What a type can tell in a format. */
export function metricsOf(type: QueryType, format: Format = 'table'): string[] {
  return types[type].metrics[format] ?? [];
}

/** The query with another type: what both types have is kept. */
export function withType(query: SteptraceQuery, queryType: QueryType): SteptraceQuery {
  const { refId, hide, datasource, key, format } = query;
  const kept = types[queryType].fields.filter((field) => query[field] !== undefined);
  const fields = Object.fromEntries(kept.map((field) => [field, query[field]]));
  const next = { refId, hide, datasource, key, ...fields, queryType };
  return withFormat(next, format && formatsOf(queryType).includes(format) ? format : 'table', query.metric);
}

/** The query in another format, with the metric if there is one like it. */
export function withFormat(query: SteptraceQuery, format: Format, metric = query.metric): SteptraceQuery {
  const metrics = metricsOf(query.queryType, format);
  return { ...query, format, metric: metric && metrics.includes(metric) ? metric : metrics[0] || undefined };
}
