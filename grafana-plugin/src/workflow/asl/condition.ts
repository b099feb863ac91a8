import { isObject, Json, listOf, textOf } from './json';

// What a rule of a Choice asks, in a line: `$.faces > 0 and not $.archived == true`.

const operators: Array<[string, string]> = [
  ['GreaterThanEquals', '≥'],
  ['LessThanEquals', '≤'],
  ['GreaterThan', '>'],
  ['LessThan', '<'],
  ['Matches', '~'],
  ['Equals', '='],
];

const tests: Record<string, [string, string]> = {
  IsNull: ['is null', 'is not null'],
  IsPresent: ['is present', 'is absent'],
  IsString: ['is a string', 'is no string'],
  IsNumeric: ['is a number', 'is no number'],
  IsBoolean: ['is a boolean', 'is no boolean'],
  IsTimestamp: ['is a timestamp', 'is no timestamp'],
};

const deepest = 8;

/** The condition of a JSONPath or JSONata rule; empty where there is none to be read. */
export function condition(rule: unknown, depth = 0): string {
  if (!isObject(rule) || depth > deepest) {
    return depth > deepest ? '…' : '';
  }
  if (rule.Condition !== undefined) {
    return expression(rule.Condition);
  }
  for (const [key, word] of [
    ['And', ' and '],
    ['Or', ' or '],
  ]) {
    if (Array.isArray(rule[key])) {
      const parts = listOf(rule[key]).map((part) => condition(part, depth + 1));
      return depth === 0 ? parts.join(word) : `(${parts.join(word)})`;
    }
  }
  if (rule.Not !== undefined) {
    return `not ${condition(rule.Not, depth + 1)}`;
  }
  return comparison(rule);
}

const expression = (value: unknown) =>
  typeof value === 'string'
    ? value
        .trim()
        .replace(/^\{%\s*/, '')
        .replace(/\s*%\}$/, '')
    : String(value);

function comparison(rule: Json): string {
  const variable = textOf(rule.Variable) || '?';
  for (const key of Object.keys(rule)) {
    if (Object.hasOwn(tests, key)) {
      return `${variable} ${tests[key][rule[key] === false ? 1 : 0]}`;
    }
    const sign = operators.find(([name]) => key.endsWith(name) || key.endsWith(`${name}Path`));
    if (sign) {
      return `${variable} ${sign[1]} ${operand(rule[key], key)}`;
    }
  }
  return '';
}

const operand = (value: unknown, operator: string) =>
  typeof value === 'string' && !operator.endsWith('Path')
    ? JSON.stringify(value)
    : (JSON.stringify(value) ?? '?').replace(/^"|"$/g, '');
