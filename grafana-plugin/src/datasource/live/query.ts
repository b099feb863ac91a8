import { CoreApp, DataQueryRequest, DataQueryResponse } from '@grafana/data';
import { GrafanaLiveSrv } from '@grafana/runtime';
import { auditTime, defer, from, map, merge, Observable, scan, switchMap } from 'rxjs';
import { QueryType, SteptraceQuery } from '../query';
import { changesOf, channelOf } from './channel';
import { following } from './following';
import { moved } from './range';
import { replaced, streaming } from './response';

const types: QueryType[] = ['executions', 'trace', 'workflow', 'events', 'failures'];

// Grafana waits for the end of an annotation's or an alert rule's query.
const apps: Array<string | undefined> = [CoreApp.UnifiedAlerting, CoreApp.CloudAlerting];

/** Changes within this time are one. */
export const debounceMs = 300;

/** Whether a query is asked again when something changed. */
export function isLive(query: SteptraceQuery, app?: string): boolean {
  return query.live === true && types.includes(query.queryType) && !apps.includes(app);
}

/** What a live query needs of the data source. */
export interface Source {
  uid: string;
  live: GrafanaLiveSrv | undefined;
  ask: (request: DataQueryRequest<SteptraceQuery>) => Observable<DataQueryResponse>;
  /** The channels' traces (trace ids, `all`) that tell of changes of these queries. */
  traces: (queries: SteptraceQuery[]) => Promise<string[]>;
}

/** Asks all queries, and the live ones again whenever something of theirs changed, until it is unsubscribed. */
export function liveQuery(source: Source, request: DataQueryRequest<SteptraceQuery>): Observable<DataQueryResponse> {
  const again = request.targets.filter((q) => isLive(q, request.app));
  const order = request.targets.map((q) => q.refId);
  const refs = new Set(again.map((q) => q.refId));
  const changes = defer(() => from(source.traces(again))).pipe(
    switchMap((traces) => merge(...traces.map((t) => changesOf(source.live, channelOf(source.uid, t))))),
    auditTime(debounceMs)
  );
  const ask = (first: boolean) => source.ask(first ? request : moved({ ...request, targets: again }));
  return following(changes, ask).pipe(
    scan((before, now) => replaced(before, now, refs, order)),
    map(streaming)
  );
}
