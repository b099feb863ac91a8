import { Machine, NodeType, StateNode } from '../graph';
import { isObject, Json, listOf, objectOf, shorten, textOf } from './json';
import { parseMachine, Reading } from './machine';
import { resourceOf, startedMachine } from './resource';
import { errorsOf } from './transitions';

const types = new Set<NodeType>(['Task', 'Pass', 'Choice', 'Wait', 'Succeed', 'Fail', 'Parallel', 'Map']);

/** Reads a state and the machines inside. */
export function parseState(name: string, body: unknown, id: string, level: number, reading: Reading): StateNode {
  const state = objectOf(body);
  const type = typeOf(name, body, reading.messages);
  return {
    id,
    name,
    type,
    resource: describe(type, state),
    starts: startedMachine(state),
    retry: retryRules(state.Retry),
    distributed: type === 'Map' && objectOf(processorOf(state)?.ProcessorConfig).Mode === 'DISTRIBUTED',
    machines: machinesOf(type, state, id, level, reading),
  };
}

function typeOf(name: string, body: unknown, messages: string[]): NodeType {
  const written = textOf(objectOf(body).Type) as NodeType;
  if (types.has(written)) {
    return written;
  }
  messages.push(
    isObject(body)
      ? `${name} has a type that is not known: ${shorten(written, 40) || 'none'}.`
      : `${name} is not an object.`
  );
  return 'Unknown';
}

const processorOf = (state: Json): Json | undefined =>
  [state.ItemProcessor, state.Iterator].find((processor) => isObject(processor)) as Json | undefined;

function machinesOf(type: NodeType, state: Json, id: string, level: number, reading: Reading): Machine[] {
  const processor = processorOf(state);
  const definitions = type === 'Parallel' ? listOf(state.Branches) : type === 'Map' && processor ? [processor] : [];
  if (definitions.length === 0) {
    return [];
  }
  if (level >= reading.mostLevels) {
    reading.messages.push(`What is inside of more than ${reading.mostLevels} states is not drawn.`);
    return [];
  }
  return definitions
    .map((definition, at) => parseMachine(objectOf(definition), `${id}[${at}]`, level + 1, reading))
    .filter((machine) => machine.states.length > 0);
}

function describe(type: NodeType, state: Json): string {
  switch (type) {
    case 'Task':
      return resourceOf(state);
    case 'Wait':
      return waitOf(state);
    case 'Fail':
      return shorten(textOf(state.Error) || textOf(state.ErrorPath), 60);
    case 'Parallel':
      return counted(listOf(state.Branches).length, 'branch', 'branches');
    case 'Map':
      return state.MaxConcurrency ? `at most ${shorten(String(state.MaxConcurrency), 20)} at a time` : '';
    default:
      return '';
  }
}

const counted = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;

function waitOf(state: Json): string {
  const seconds = state.Seconds ?? state.SecondsPath;
  const until = state.Timestamp ?? state.TimestampPath;
  if (seconds !== undefined) {
    return typeof seconds === 'number' ? `${seconds} s` : shorten(String(seconds), 40);
  }
  return until === undefined ? '' : `until ${shorten(String(until), 40)}`;
}

/** Each rule with how often it tries again; Amazon States Language says 3 where nothing is written. */
function retryRules(retry: unknown): string[] {
  return listOf(retry)
    .slice(0, 20)
    .map((rule) => {
      const { ErrorEquals, MaxAttempts } = objectOf(rule);
      return `${errorsOf(ErrorEquals)} ×${typeof MaxAttempts === 'number' ? MaxAttempts : 3}`;
    });
}
