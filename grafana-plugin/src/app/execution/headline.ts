import { Diagnosis } from './diagnosis';

/** One sentence that names the state and the error. */
export function headline({ status, state, error, interrupted }: Diagnosis): string {
  const during = interrupted.length > 0 ? ` during ${interrupted.slice(0, 3).join(', ')}` : '';
  if (status === 'TIMED_OUT' && !state) {
    return `The execution timed out${during}`;
  }
  if (status === 'ABORTED') {
    return `The execution was stopped${during}`;
  }
  const what = error ? `: ${error}` : '';
  return state ? `State ${state} failed${what}` : `The execution failed${what}`;
}
