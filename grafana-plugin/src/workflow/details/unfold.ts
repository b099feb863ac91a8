// Step Functions writes payloads and causes as JSON in a text, which as JSON again is full of backslashes.

/** The details of an event for people: indented, JSON in its texts unfolded. What is no JSON is as it was. */
export function unfoldEvent(payload: string): string {
  try {
    return JSON.stringify(
      JSON.parse(payload, (_, value) => unfoldText(value)),
      null,
      2
    );
  } catch {
    // No JSON, or nested too deep to be written anew.
    return payload;
  }
}

/** The same of an input or output: its own texts stay what they are, errors and executions that it holds are unfolded. */
export const unfoldPayload = (value: unknown): string => JSON.stringify(value, unfoldNamed, 2) ?? '';

// Of a Catch, and of the answer of a nested execution.
const named = new Set(['Cause', 'Input', 'Output']);

const unfoldNamed = (name: string, value: unknown) => (named.has(name) ? unfoldText(value) : value);

function unfoldText(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{"]/.test(value)) {
    return value;
  }
  try {
    return JSON.parse(value, unfoldNamed);
  } catch {
    // A text that only looks like JSON.
    return value;
  }
}
