import { DataFrame, Field, ScopedVars, TypedVariableModel } from '@grafana/data';
import { locationService, TemplateSrv } from '@grafana/runtime';
import { get } from 'lodash';

// Dashboard variables: those that the address has (var-NAME), and scoped ones; ${__data.fields.NAME} and
// ${__value.raw} of a data link. Formats: csv (default of several values), json, text, raw, queryparam, percentencode.

const variable = /\$(\w+)|\[\[(\w+?)(?::(\w+))?]]|\${([^}:]+?)(?::(\w+))?}/g;

function known(name: string): string[] | undefined {
  const values = locationService.getSearch().getAll(`var-${name}`);
  return values.length > 0 ? values : undefined;
}

type Row = { frame: DataFrame; field: Field; rowIndex: number };

function ofRow(path: string, scoped?: ScopedVars) {
  const context = (scoped?.__dataContext as { value: Row } | undefined)?.value;
  if (!context) {
    return undefined;
  }
  const { frame, field, rowIndex } = context;
  if (path === '__value.raw' || path === '__value.text') {
    return field.values[rowIndex];
  }
  const name = /^__data\.fields(?:\.(\w+)|\["(.+)"])$/.exec(path);
  return name && frame.fields.find((f) => f.name === (name[1] ?? name[2]))?.values[rowIndex];
}

function valueOf(path: string, scoped?: ScopedVars): unknown {
  const row = ofRow(path, scoped);
  if (row !== undefined && row !== null) {
    return row;
  }
  const [name, ...rest] = path.split('.');
  const own = scoped?.[name];
  if (own) {
    return rest.length > 0 ? get(own.value, rest) : own.value;
  }
  const values = known(name);
  return values && values.length === 1 ? values[0] : values;
}

function written(name: string, value: unknown, format: Parameters<TemplateSrv['replace']>[2]): string {
  if (typeof format === 'function') {
    return format(value, { name, multi: Array.isArray(value), includeAll: false }, String);
  }
  const values = (Array.isArray(value) ? value : [value]).map(String);
  switch (format) {
    case 'json':
      return JSON.stringify(value);
    case 'queryparam':
      return values.map((v) => `var-${name}=${encodeURIComponent(v)}`).join('&');
    case 'percentencode':
      return encodeURIComponent(values.join(','));
    case 'csv':
    case 'raw':
      return values.join(',');
    default:
      return values.length > 1 ? `{${values.join(',')}}` : values[0];
  }
}

export const templateSrv: TemplateSrv = {
  getVariables: () =>
    [...new Set(locationService.getSearch().keys())]
      .filter((key) => key.startsWith('var-'))
      .map((key) => ({
        name: key.slice(4),
        type: 'custom',
        current: { value: known(key.slice(4)) },
      })) as TypedVariableModel[],
  replace: (target = '', scoped, format) =>
    target.replace(variable, (match, bare, bracketed, bracketFormat, braced, bracedFormat) => {
      const name = bare ?? bracketed ?? braced;
      const value = valueOf(name, scoped);
      return value === undefined ? match : written(name, value, bracketFormat ?? bracedFormat ?? format);
    }),
  containsTemplate: (target = '') =>
    [...target.matchAll(variable)].some((m) => known(m[1] ?? m[2] ?? m[4]) !== undefined),
  updateTimeRange: () => undefined,
};
