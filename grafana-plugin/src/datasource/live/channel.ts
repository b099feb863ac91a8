import { isLiveChannelMessageEvent, isLiveChannelStatusEvent } from '@grafana/data';
import { LiveChannelAddress, LiveChannelConnectionState, LiveChannelEvent, LiveChannelScope } from '@grafana/data';
import { GrafanaLiveSrv } from '@grafana/runtime';
import { EMPTY, Observable, catchError, concat, interval, map, of, startWith, switchMap } from 'rxjs';

/** How often a live query is asked while Grafana Live does not tell of changes. */
export const pollingMs = 5000;

/** The channel that tells of changes of one trace, or of any. */
export function channelOf(uid: string, trace: string): LiveChannelAddress {
  // Grafana calls the middle part namespace until 11 and stream since 12.
  const address = { scope: LiveChannelScope.DataSource, namespace: uid, stream: uid, path: `changes/${trace}` };
  return address;
}

const isConnected = (event: LiveChannelEvent | undefined) =>
  event !== undefined && isLiveChannelStatusEvent(event) && event.state === LiveChannelConnectionState.Connected;

/**
 * Emits when something changed: when the channel says so, when it has (again) been connected, since nobody told
 * before, and every few seconds as long as it is not.
 */
export function changesOf(live: GrafanaLiveSrv | undefined, address: LiveChannelAddress): Observable<unknown> {
  const events: Observable<LiveChannelEvent | undefined> = live ? live.getStream(address) : EMPTY;
  return concat(events.pipe(catchError(() => EMPTY)), of(undefined)).pipe(
    startWith(undefined),
    switchMap((event) => {
      if (event && (isLiveChannelMessageEvent(event) || isConnected(event))) {
        return of(undefined);
      }
      return event && !isLiveChannelStatusEvent(event) ? EMPTY : interval(pollingMs);
    }),
    map(() => undefined)
  );
}
