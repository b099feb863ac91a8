import { ScopedVars } from '@grafana/data';
import { TemplateSrv } from '@grafana/runtime';
import { combinations, fill, mark } from './marks';

/** What a variable stands for: its values, or none for All. */
function valuesOf(variables: TemplateSrv, scoped: ScopedVars, value: unknown, name?: string): string[] {
  const values = (Array.isArray(value) ? value : [value]).map((v) => String(v ?? ''));
  if (values.includes('$__all')) {
    return [];
  }
  const isAll = Array.isArray(value) && name && variables.replace(`\${${name}:text}`, scoped) === 'All';
  return isAll ? [] : values.filter((v) => v !== '');
}

/**
 * The elements that one element of a list becomes: one for each value of the variables in it, none when one of them is
 * All or empty. A variable with a format of its own (`${machine:csv}`) is one text.
 */
function expandElement(variables: TemplateSrv, element: string, scoped: ScopedVars): string[] {
  const found: string[][] = [];
  const text = variables.replace(element, scoped, (value: unknown, variable?: { name?: string }) => {
    found.push(valuesOf(variables, scoped, value, variable?.name));
    return mark(found.length - 1);
  });
  return combinations(found)
    .map((values) => fill(text, values).trim())
    .filter((t) => t !== '');
}

/** A list with its variables replaced; without duplicates, for two variables may name the same. */
export function expandList(variables: TemplateSrv, list: string[], scoped: ScopedVars): string[] {
  return Array.from(new Set(list.flatMap((element) => expandElement(variables, element, scoped))));
}

/** A text with its variables replaced. Empty when one of them is All or empty; several values are told by commas. */
export function expandText(variables: TemplateSrv, text: string, scoped: ScopedVars): string {
  return expandElement(variables, text, scoped).join(',');
}
