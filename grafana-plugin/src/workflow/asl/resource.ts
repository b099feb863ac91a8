import { Json, objectOf, shorten, textOf } from './json';

// What a Task calls, as people name it.

const longest = 60;

/** `lambda:invoke rekognition`, `s3:getObject`, `activity approve`, or the end of an ARN. */
export function resourceOf(state: Json): string {
  const arn = textOf(state.Resource);
  if (!arn) {
    return '';
  }
  const integration = /^arn:[^:]*:states:[^:]*:[^:]*:(?!activity:)(.+)$/.exec(arn)?.[1];
  if (integration === undefined) {
    return shorten(arn.includes(':activity:') ? `activity ${lastPart(arn)}` : shortArn(arn), longest);
  }
  const call = integration.replace(/^aws-sdk:/, '');
  const target = functionOf(textOf(argumentsOf(state).FunctionName)) || plain(argumentsOf(state).FunctionName);
  return shorten(call.startsWith('lambda:invoke') && target ? `${call} ${target}` : call, longest);
}

/** The name of the state machine that a Task starts; `?` where it is only known when it runs; empty for all other Tasks. */
export function startedMachine(state: Json): string {
  if (!/:states:startExecution|aws-sdk:sfn:start(Sync)?Execution/.test(textOf(state.Resource))) {
    return '';
  }
  return shorten(lastPart(plain(argumentsOf(state).StateMachineArn)), longest) || '?';
}

const argumentsOf = (state: Json): Json => ({ ...objectOf(state.Parameters), ...objectOf(state.Arguments) });

/** A value that is written down, not computed. */
const plain = (value: unknown) => (textOf(value).startsWith('{%') ? '' : textOf(value));

/** Of an ARN the function's name or the end; other texts as they are. */
export const shortArn = (text: string) => (text.startsWith('arn:') ? functionOf(text) || lastPart(text) : text);

const lastPart = (arn: string) => arn.slice(arn.lastIndexOf(':') + 1);

/** The function's name of an ARN that has a qualifier or none; empty for other texts. */
const functionOf = (arn: string) => /:function:([^:]+)/.exec(arn)?.[1] ?? '';
