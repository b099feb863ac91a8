import { prettyJson } from '../format/json';

/** The input in the details of ExecutionStarted, which have it as text; undefined where they were left out. */
export function inputIn(payload: string): string | undefined {
  try {
    const details = JSON.parse(payload) as { input?: unknown } | null;
    return details?.input === undefined ? undefined : prettyJson(details.input);
  } catch {
    return payload === '' ? undefined : payload;
  }
}
