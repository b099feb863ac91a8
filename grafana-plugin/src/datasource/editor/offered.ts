import { CoreApp, SelectableValue } from '@grafana/data';
import { QueryType, SteptraceQuery } from '../query';
import { metricsOf, types } from '../types';

/** Where a query is edited. */
export type Place = 'panel' | 'alert' | 'annotation';

export function placeOf(app: CoreApp | undefined): Place {
  return app === CoreApp.UnifiedAlerting || app === CoreApp.CloudAlerting ? 'alert' : 'panel';
}

const annotated: QueryType[] = ['executions', 'failures', 'events', 'map_runs', 'sql'];

const offers: Record<Place, (type: QueryType) => boolean> = {
  panel: () => true,
  alert: (type) => metricsOf(type, 'numeric').length > 0,
  annotation: (type) => annotated.includes(type),
};

/** The types to choose from: those that make sense there, and the one that is chosen. */
export function typesIn(place: Place, chosen: QueryType): Array<SelectableValue<QueryType>> {
  return (Object.keys(types) as QueryType[])
    .filter((type) => type === chosen || offers[place](type))
    .map((value) => ({ value, label: types[value].label, description: types[value].description }));
}

/** Whether a query can be live there: alert rules and annotations are asked at times of Grafana's own. */
export const canBeLive = (place: Place, { queryType }: SteptraceQuery) =>
  place === 'panel' && types[queryType].fields.includes('live');

/** What should be otherwise in this place, though it can be asked. */
export function advice(place: Place, { queryType, format }: SteptraceQuery): string | undefined {
  if (place !== 'alert' || format === 'numeric' || format === 'time_series') {
    return undefined;
  }
  return metricsOf(queryType, 'numeric').length > 0
    ? 'An alert rule takes numbers: choose the format Numeric.'
    : `An alert rule takes numbers, and ${types[queryType].label} has none.`;
}
