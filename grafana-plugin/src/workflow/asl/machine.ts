import { Machine, StateNode } from '../graph';
import { isObject, Json } from './json';
import { parseState } from './state';
import { transitionsOf, Wish } from './transitions';

/** What is carried along while a definition is read. */
export interface Reading {
  messages: string[];
  states: number;
  mostStates: number;
  mostLevels: number;
}

/** The id of a state in a machine: a name may have any character, the one that parts names too. */
export const stateId = (machine: string, name: string) => `${machine}/${name.replace(/~/g, '~0').replace(/\//g, '~1')}`;

/** Reads one machine with those inside. The outermost one (its id is empty) gets marks of beginning and end. */
export function parseMachine(definition: Json, id: string, level: number, reading: Reading): Machine {
  const where = id === '' ? 'The definition' : `A machine in ${id}`;
  const named = isObject(definition.States) ? Object.entries(definition.States) : [];
  if (named.length === 0) {
    reading.messages.push(`${where} has no states.`);
    return { id, states: [], transitions: [] };
  }
  const states: StateNode[] = [];
  const wishes: Wish[] = [];
  for (const [name, body] of startFirst(named, definition.StartAt)) {
    if (reading.states >= reading.mostStates) {
      reading.messages.push(`Only the first ${reading.mostStates} states are drawn.`);
      break;
    }
    reading.states++;
    const state = parseState(name, body, stateId(id, name), level, reading);
    states.push(state);
    wishes.push(...transitionsOf(state, body, reading.messages));
  }
  const machine = { id, states, transitions: [] };
  return connect(machine, id === '' ? [startWish(definition.StartAt), ...wishes] : inner(wishes), definition, reading);
}

/** The layout goes by the order of the states where nothing else says what is above. */
function startFirst(named: Array<[string, unknown]>, start: unknown) {
  const first = named.filter(([name]) => name === start);
  return first.length === 0 ? named : [...first, ...named.filter(([name]) => name !== start)];
}

const startWish = (start: unknown): Wish => ({ source: '#start', target: start, kind: 'start', label: '', detail: '' });

const inner = (wishes: Wish[]) => wishes.filter(({ kind }) => kind !== 'end');

const mark = (id: string, name: string, type: 'Start' | 'End' | 'Missing'): StateNode => ({
  id,
  name,
  type,
  resource: '',
  starts: '',
  retry: [],
  distributed: false,
  machines: [],
});

/** Makes transitions of what the states ask for; a target that is not there becomes a state that says so. */
function connect(machine: Machine, wishes: Wish[], definition: Json, reading: Reading): Machine {
  const names = new Map(machine.states.map((state) => [state.name, state.id]));
  const missing: StateNode[] = [];
  const targetOf = (wish: Wish): string | undefined => {
    if (wish.kind === 'end') {
      return '#end';
    }
    if (typeof wish.target !== 'string') {
      reading.messages.push(`${nameOf(machine, wish.source)} names no state to go to.`);
      return undefined;
    }
    if (!names.has(wish.target)) {
      reading.messages.push(`${nameOf(machine, wish.source)} goes to ${wish.target}, which is not defined beside it.`);
      missing.push(mark(stateId(machine.id, wish.target), wish.target, 'Missing'));
      names.set(wish.target, missing[missing.length - 1].id);
    }
    return names.get(wish.target);
  };
  const transitions = wishes.flatMap((wish, at) => {
    const target = targetOf(wish);
    return target === undefined ? [] : [{ ...wish, id: `${machine.id}#${at}`, target }];
  });
  if (machine.id !== '' && typeof definition.StartAt !== 'string') {
    reading.messages.push(`A machine in ${machine.id} has no StartAt.`);
  }
  return {
    id: machine.id,
    states: [...marks(transitions, 'start'), ...machine.states, ...missing, ...marks(transitions, 'end')],
    transitions,
  };
}

const marks = (transitions: Machine['transitions'], kind: 'start' | 'end') => {
  const used = transitions.some((transition) => transition.kind === kind);
  return used ? [kind === 'start' ? mark('#start', 'Start', 'Start') : mark('#end', 'End', 'End')] : [];
};

const nameOf = (machine: Machine, id: string) => machine.states.find((state) => state.id === id)?.name ?? 'StartAt';
