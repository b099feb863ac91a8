import { Visit } from './stateDetails';

interface Failure {
  error?: string;
  message?: string;
}

/** Whether the error of a visit, attempt, invocation or call is told in full, by its name alone, or elsewhere. */
export type Told = 'whole' | 'name' | 'elsewhere';

/** What is told of all that a visit holds: an error in full once, where it arose, and of the same later on the name. */
export function toldOf(visit: Visit): Map<object, Told> {
  const told = new Map<object, Told>();
  const whole = new Set<string>();
  const tell = (failure: Failure, inner: Array<Set<string>>): Set<string> => {
    const said = new Set(inner.flatMap((each) => [...each]));
    const text = textOf(failure);
    if (text !== '') {
      told.set(failure, said.has(text) ? 'elsewhere' : whole.has(text) ? 'name' : 'whole');
      whole.add(text);
      said.add(text);
    }
    return said;
  };
  const attempts = (visit.attempts ?? []).map((attempt) => {
    const invocations = (attempt.invocations ?? []).map((invocation) => {
      const calls = (invocation.calls ?? []).map((call) => tell(call, []));
      return tell(invocation, calls);
    });
    return tell(attempt, invocations);
  });
  tell(visit, attempts);
  return told;
}

/** Whether two say the same error. */
export const same = (a: Failure, b: Failure) => textOf(a) === textOf(b);

/** An error with its message. Most messages begin with the error. */
export function textOf({ error = '', message = '' }: Failure): string {
  const rest = restOf({ error, message });
  return error && rest ? `${error}: ${rest}` : error || rest;
}

/** The message without the error that it begins with. */
export const restOf = ({ error, message = '' }: Failure) =>
  error && message.startsWith(`${error}: `) ? message.slice(error.length + 2) : message;
