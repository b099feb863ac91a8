// A state machine as a graph: machines within states (the branches of a Parallel, the items of a Map) within machines.

/** Types of Amazon States Language, the marks of beginning and end, and what stands for a target that is not defined. */
export type NodeType =
  | 'Task'
  | 'Pass'
  | 'Choice'
  | 'Wait'
  | 'Succeed'
  | 'Fail'
  | 'Parallel'
  | 'Map'
  | 'Start'
  | 'End'
  | 'Missing'
  | 'Unknown';

export interface StateNode {
  /** Unique in the workflow, made of the names on the way to it: names may repeat in different branches. */
  id: string;
  name: string;
  type: NodeType;
  /** What a Task calls, shortly: `lambda:invoke rekognition`, `s3:getObject`; otherwise what the state does, or empty. */
  resource: string;
  /** The name of the state machine that it starts, or empty. */
  starts: string;
  /** Rules of Retry, shortly: `States.ALL ×3`. */
  retry: string[];
  /** A Map whose iterations are executions of their own. */
  distributed: boolean;
  machines: Machine[];
}

export type TransitionKind = 'start' | 'next' | 'choice' | 'default' | 'catch' | 'end';

/** From state to state of one machine, by their ids. */
export interface Transition {
  id: string;
  source: string;
  target: string;
  kind: TransitionKind;
  /** Short, for the drawing; empty for a plain Next. */
  label: string;
  /** The whole rule, bounded. */
  detail: string;
}

export interface Machine {
  id: string;
  states: StateNode[];
  transitions: Transition[];
}

export interface Workflow {
  machine: Machine;
  /** What could not be drawn as it was written, for people. */
  messages: string[];
  states: number;
}

/** Calls visit for every state of a machine and of those inside, outer ones first. */
export function eachState(
  machine: Machine,
  visit: (state: StateNode, machine: Machine, depth: number) => void,
  depth = 0
) {
  for (const state of machine.states) {
    visit(state, machine, depth);
    for (const inner of state.machines) {
      eachState(inner, visit, depth + 1);
    }
  }
}

/** Every machine, outer ones first, with the state that holds it. */
export function eachMachine(
  machine: Machine,
  visit: (machine: Machine, holder?: StateNode) => void,
  holder?: StateNode
) {
  visit(machine, holder);
  for (const state of machine.states) {
    for (const inner of state.machines) {
      eachMachine(inner, visit, state);
    }
  }
}

export const isMark = (type: NodeType) => type === 'Start' || type === 'End';
