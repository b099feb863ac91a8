import { Machine, Workflow } from '../graph';
import { isObject } from './json';
import { parseMachine, Reading } from './machine';

/** More states than a definition of AWS can have (it is 1 MB at most) are not drawn, nor more than so many machines deep. */
export const mostStates = 5000;
export const mostLevels = 60;
const mostMessages = 20;

/**
 * Reads a definition of Amazon States Language, as text or as the object it says. It never throws: what cannot be read is
 * left out and named in the workflow's messages.
 */
export function parseDefinition(definition: unknown): Workflow {
  const reading: Reading = { messages: [], states: 0, mostStates, mostLevels };
  const machine = parseRoot(definition, reading);
  const messages = [...new Set(reading.messages)];
  const more = messages.length - mostMessages;
  return {
    machine,
    states: reading.states,
    messages: more > 0 ? [...messages.slice(0, mostMessages), `and ${more} more`] : messages,
  };
}

const empty: Machine = { id: '', states: [], transitions: [] };

function parseRoot(definition: unknown, reading: Reading): Machine {
  let value = definition;
  if (typeof definition === 'string') {
    try {
      value = JSON.parse(definition);
    } catch (error) {
      reading.messages.push(`The definition is not JSON: ${(error as Error).message}`);
      return empty;
    }
  }
  if (!isObject(value)) {
    reading.messages.push('The definition is not a JSON object.');
    return empty;
  }
  return parseMachine(value, '', 0, reading);
}
