import { parseDefinition } from './asl/parse';
import { eachState, NodeType, StateNode, Workflow } from './graph';
import { StateRun } from './states';

/** The workflow of a definition, with the states that ran and that the definition does not have, unconnected. */
export function workflowOf(definition: unknown, runs: Array<Pick<StateRun, 'state' | 'type'>>): Workflow {
  const known = definition !== undefined && definition !== null && definition !== '';
  const workflow: Workflow = known
    ? parseDefinition(definition)
    : { machine: { id: '', states: [], transitions: [] }, states: 0, messages: [] };
  const names = new Set<string>();
  eachState(workflow.machine, ({ name }) => names.add(name));
  const others = runs.filter(({ state }) => !names.has(state));
  const messages = [...workflow.messages, ...noteOf(known, others.length)];
  const machine = { ...workflow.machine, states: [...workflow.machine.states, ...others.map(alone)] };
  return { machine, messages, states: workflow.states + others.length };
}

const noteOf = (known: boolean, others: number) => {
  if (!known) {
    return ['The definition is not known: these are the states that ran, in no order.'];
  }
  return others > 0 ? [`${others} of the states are not in this definition, and are drawn beside it.`] : [];
};

const types = new Set<string>(['Task', 'Pass', 'Choice', 'Wait', 'Succeed', 'Fail', 'Parallel', 'Map']);

const alone = ({ state, type }: Pick<StateRun, 'state' | 'type'>): StateNode => ({
  id: `?${state}`,
  name: state,
  type: type !== undefined && types.has(type) ? (type as NodeType) : 'Unknown',
  resource: '',
  starts: '',
  retry: [],
  distributed: false,
  machines: [],
});
