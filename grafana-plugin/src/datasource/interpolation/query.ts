import { ScopedVars } from '@grafana/data';
import { TemplateSrv } from '@grafana/runtime';
import { SteptraceQuery } from '../query';
import { expandList, expandText } from './list';
import { expandSql } from './sql';

const lists = [
  'stateMachines',
  'states',
  'statuses',
  'errors',
  'eventTypes',
  'services',
  'operations',
  'callers',
] as const;

const texts = [
  'format',
  'metric',
  'execution',
  'name',
  'text',
  'failedState',
  'minDuration',
  'maxDuration',
  'mapRun',
  'kind',
  'state',
  'resource',
  'by',
  'architecture',
  'step',
] as const;

const asTheyAre = [
  'refId',
  'hide',
  'datasource',
  'key',
  'queryType',
  'caught',
  'aggregate',
  'failedOnly',
  'slowest',
  'limit',
  'live',
] as const;

type Fields = { [field: string]: unknown };

/**
 * A query with its variables replaced, and without what is empty or no field of ours: the backend refuses fields that
 * it does not know.
 */
export function interpolate(variables: TemplateSrv, query: SteptraceQuery, scoped: ScopedVars): SteptraceQuery {
  const fields: Fields = {};
  for (const field of asTheyAre) {
    put(fields, field, query[field]);
  }
  for (const field of texts) {
    put(fields, field, expandText(variables, query[field] ?? '', scoped));
  }
  for (const field of lists) {
    put(fields, field, expandList(variables, query[field] ?? [], scoped));
  }
  if (query.rawSql) {
    fields.rawSql = expandSql(variables, query.rawSql, scoped, (v) => expandList(variables, [v], scoped));
  }
  return fields as unknown as SteptraceQuery;
}

function put(fields: Fields, field: string, value: unknown) {
  if (value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)) {
    return;
  }
  fields[field] = value;
}
