import { ScopedVars } from '@grafana/data';
import { TemplateSrv } from '@grafana/runtime';

type Format = Parameters<TemplateSrv['replace']>[2];

interface Variable {
  value: string | string[];
  multi?: boolean;
  includeAll?: boolean;
  /** All is chosen; value are then all options. */
  all?: boolean;
}

/** Replaces variables as Grafana's own service does, in the forms $v, ${v}, ${v:format} and [[v]]. */
export function templates(known: Record<string, Variable>): TemplateSrv {
  const pattern = /\$(\w+)|\$\{(\w+)(?::(\w+))?\}|\[\[(\w+)\]\]/g;
  const replace = (text = '', scoped: ScopedVars = {}, format?: Format) =>
    text.replace(pattern, (written, a, b, own, c) => {
      const name = a ?? b ?? c;
      const variable: Variable | undefined = name in scoped ? { value: scoped[name]!.value } : known[name];
      return variable ? formatted(name, variable, own ?? format) : written;
    });
  return {
    replace,
    getVariables: () => [],
    containsTemplate: (text = '') => Array.from(text.matchAll(pattern)).some(([, a, b, , c]) => (a ?? b ?? c) in known),
    updateTimeRange: () => undefined,
  };
}

function formatted(name: string, { value, all, multi, includeAll }: Variable, format: Format) {
  if (typeof format === 'function') {
    return format(value, { name, multi, includeAll });
  }
  switch (format) {
    case 'text':
      return all ? 'All' : [value].flat().join(' + ');
    case 'csv':
      return [value].flat().join(',');
    case 'json':
      return typeof value === 'string' ? value : JSON.stringify(value);
    default:
      return Array.isArray(value) ? `{${value.join(',')}}` : value;
  }
}
