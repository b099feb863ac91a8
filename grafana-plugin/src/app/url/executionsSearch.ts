import { SteptraceQuery } from '../../datasource/query';
import { readRange, UrlRange, writeRange } from './timeRange';

/** What the page of executions is asked for. Its address has all of it. */
export interface ExecutionsSearch extends UrlRange {
  machines: string[];
  statuses: string[];
  errors: string[];
  failedState: string;
  text: string;
  name: string;
  minDuration: string;
  maxDuration: string;
  mapRun: string;
  limit: number;
}

export const statuses = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'];

export const [firstLimit, mostRows] = [50, 1000];

const params = {
  machines: 'machine',
  statuses: 'status',
  errors: 'error',
  failedState: 'failedState',
  text: 'text',
  name: 'name',
  minDuration: 'minDuration',
  maxDuration: 'maxDuration',
  mapRun: 'mapRun',
  limit: 'limit',
} as const;

export const isDuration = (text: string) => text === '' || /^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text);

const several = (search: URLSearchParams, param: string) =>
  Array.from(new Set(search.getAll(param).filter((value) => value !== '')));

function readLimit(text: string | null): number {
  const limit = Number(text);
  return Number.isInteger(limit) && limit > 0 ? Math.min(limit, mostRows) : firstLimit;
}

export function readSearch(search: URLSearchParams): ExecutionsSearch {
  const one = (param: string) => search.get(param)?.trim() ?? '';
  return {
    machines: several(search, params.machines),
    statuses: several(search, params.statuses).filter((status) => statuses.includes(status)),
    errors: several(search, params.errors),
    failedState: one(params.failedState),
    text: one(params.text),
    name: one(params.name),
    minDuration: one(params.minDuration),
    maxDuration: one(params.maxDuration),
    mapRun: one(params.mapRun),
    limit: readLimit(search.get(params.limit)),
    ...readRange(search),
  };
}

/** The address for a search. What `before` says beside it (orgId, kiosk) stays; what is as it is anyway is left out. */
export function writeSearch(search: ExecutionsSearch, before = new URLSearchParams()): URLSearchParams {
  const after = new URLSearchParams(before);
  for (const [field, param] of Object.entries(params) as Array<[keyof typeof params, string]>) {
    const value = search[field];
    after.delete(param);
    const values = Array.isArray(value) ? value : value === firstLimit ? [] : [String(value)];
    values.filter((v) => v !== '').forEach((v) => after.append(param, v));
  }
  writeRange(search, after);
  return after;
}

const ofRange: string[] = ['from', 'to', 'limit'];

/** Whether it asks for fewer than all executions of its range. */
export const isFiltered = (search: ExecutionsSearch) =>
  Object.entries(search).some(([field, value]) => !ofRange.includes(field) && value.length > 0);

export function executionsQuery(search: ExecutionsSearch): SteptraceQuery {
  const text = (value: string) => value || undefined;
  const duration = (value: string) => (isDuration(value) ? text(value) : undefined);
  return {
    refId: 'executions',
    queryType: 'executions',
    format: 'table',
    stateMachines: search.machines,
    statuses: search.statuses,
    errors: search.errors,
    failedState: text(search.failedState),
    text: text(search.text),
    name: text(search.name),
    minDuration: duration(search.minDuration),
    maxDuration: duration(search.maxDuration),
    mapRun: text(search.mapRun),
    limit: search.limit,
    live: true,
  };
}
