import { Attempt, Invocation, Visit } from './stateDetails';

interface Failure {
  error?: string;
  message?: string;
}

/** Whether the error of a visit, attempt, invocation or call is told in full, by its name alone, or elsewhere. */
export type Told = 'whole' | 'name' | 'elsewhere';

/** What is told of all that a visit holds: an error in full once, where it arose, and of the same later on the name. */
export const toldOf = (visit: Visit): Map<object, Told> => tellAll(visit).told;

/** Whether a visit tells an error. */
export const tells = (visit: Visit, failure: Failure) => tellAll(visit).said.has(textOf(failure));

function tellAll(visit: Visit) {
  const told = new Map<object, Told>();
  const whole = new Set<string>();
  /** Of inner ones first; returns all that has been said within. */
  const tell = (failure: Failure, inner: Array<Set<string>>): Set<string> => {
    const said = new Set(inner.flatMap((each) => [...each]));
    const text = textOf(failure);
    if (text !== '') {
      told.set(failure, said.has(text) ? 'elsewhere' : whole.has(text) ? 'name' : 'whole');
      whole.add(text);
      said.add(text).add(failure.error ?? ''); // the bare error says no more
    }
    return said;
  };
  const ofAttempt = (attempt: Attempt) => tell(attempt, (attempt.invocations ?? []).map(ofInvocation));
  const ofInvocation = (invocation: Invocation) =>
    tell(
      invocation,
      (invocation.calls ?? []).map((call) => tell(call, []))
    );
  return { told, said: tell(visit, (visit.attempts ?? []).map(ofAttempt)) };
}

/** An error with its message. Most messages begin with the error. */
export function textOf({ error = '', message = '' }: Failure): string {
  const rest = restOf({ error, message });
  return error && rest ? `${error}: ${rest}` : error || rest;
}

/** The message without the error that it begins with. */
export const restOf = ({ error, message = '' }: Failure) =>
  error && message.startsWith(`${error}: `) ? message.slice(error.length + 2) : message;
