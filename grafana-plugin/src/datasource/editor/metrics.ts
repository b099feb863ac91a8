// What the metrics say, in a few words. Some types call different things alike: there the type stands before.
const labels: Record<string, string> = {
  count: 'Count',
  ended: 'Ended',
  error_rate: 'Error rate',
  p50: 'Duration p50',
  p95: 'Duration p95',
  p99: 'Duration p99',
  running: 'Running now',
  stuck: 'Stuck: times the usual p99',
  redrivable: 'Could be redriven',
  visits: 'Visits',
  failed: 'Failed',
  wait: 'Wait before start',
  wait_p95: 'Wait before start p95',
  retries: 'Retries',
  backoff: 'Backoff before retries',
  executions: 'Executions that failed',
  each: 'Each failure, with its execution',
  calls: 'Calls',
  errors: 'Errors',
  throttled: 'Throttled',
  failed_share: 'Share of children that failed',
  total: 'Total cost',
  step_functions: 'Cost of Step Functions',
  lambda: 'Cost of Lambda',
};

/** A metric's name for its user. */
export const labelOf = (metric: string) => labels[metric] ?? metric;
