import { StateNode, TransitionKind } from '../graph';
import { condition } from './condition';
import { isObject, Json, listOf, objectOf, shorten } from './json';

/** A transition that a state asks for: the target is a name, if it is one at all. */
export interface Wish {
  source: string;
  target: unknown;
  kind: TransitionKind;
  label: string;
  detail: string;
}

const labelLength = 28;
const detailLength = 300;

/** Where a state goes to: Choices and Default, Next or End, and Catch. */
export function transitionsOf(state: StateNode, body: unknown, messages: string[]): Wish[] {
  const definition = objectOf(body);
  const onward = state.type === 'Choice' ? choices(state, definition) : next(state, definition, messages);
  return [...onward, ...catchers(state, definition)];
}

const wish = (state: StateNode, target: unknown, kind: TransitionKind, text = ''): Wish => ({
  source: state.id,
  target,
  kind,
  label: shorten(text, labelLength),
  detail: shorten(text, detailLength),
});

const choices = (state: StateNode, definition: Json): Wish[] => [
  ...listOf(definition.Choices)
    .filter(isObject)
    .map((rule) => wish(state, rule.Next, 'choice', condition(rule))),
  ...(definition.Default === undefined ? [] : [wish(state, definition.Default, 'default', 'otherwise')]),
];

function next(state: StateNode, definition: Json, messages: string[]): Wish[] {
  if (state.type === 'Fail') {
    return [];
  }
  if (state.type === 'Succeed' || definition.End === true) {
    return [wish(state, undefined, 'end')];
  }
  if (definition.Next === undefined) {
    messages.push(`${state.name} has neither Next nor End.`);
    return [];
  }
  return [wish(state, definition.Next, 'next')];
}

const catchers = (state: StateNode, definition: Json): Wish[] =>
  listOf(definition.Catch)
    .filter(isObject)
    .map((rule) => wish(state, rule.Next, 'catch', errorsOf(rule.ErrorEquals)));

/** Names of errors, shortly. */
export const errorsOf = (errors: unknown) =>
  shorten(
    listOf(errors)
      .map((error) => String(error))
      .join(', '),
    80
  ) || 'no error';
