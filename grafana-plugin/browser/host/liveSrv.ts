import {
  dataFrameFromJSON,
  DataFrameJSON,
  DataFrameSchema,
  LiveChannelAddress,
  LiveChannelConnectionState,
  LiveChannelEvent,
  LiveChannelEventType,
  LoadingState,
  toLiveChannelId,
} from '@grafana/data';
import { GrafanaLiveSrv } from '@grafana/runtime';
import { finalize, map, Observable, of, share } from 'rxjs';

// Grafana Live: frames that the backend streams, over server-sent events instead of Grafana's websocket. As there, all
// subscribers of a channel share one stream.

const channels = new Map<string, Observable<LiveChannelEvent<DataFrameJSON>>>();

function subscribe(id: string) {
  return new Observable<LiveChannelEvent<DataFrameJSON>>((to) => {
    const source = new EventSource(new URL(`api/live/${id}`, document.baseURI));
    const status = (state: LiveChannelConnectionState) =>
      to.next({ type: LiveChannelEventType.Status, id, timestamp: Date.now(), state });
    // A frame without a schema has that of the one before.
    let schema: DataFrameSchema | undefined;
    source.onopen = () => status(LiveChannelConnectionState.Connected);
    source.onerror = () => status(LiveChannelConnectionState.Disconnected);
    source.onmessage = ({ data }) => {
      const message: DataFrameJSON = JSON.parse(data);
      schema = message.schema ?? schema;
      to.next({ type: LiveChannelEventType.Message, message: { ...message, schema } });
    };
    return () => source.close();
  });
}

function channel(address: LiveChannelAddress) {
  const id = toLiveChannelId(address);
  let events = channels.get(id);
  if (!events) {
    events = subscribe(id).pipe(
      finalize(() => channels.delete(id)),
      share()
    );
    channels.set(id, events);
  }
  return events;
}

export const liveSrv: GrafanaLiveSrv = {
  getConnectionState: () => of(true),
  getStream: <T>(address: LiveChannelAddress) => channel(address) as Observable<LiveChannelEvent<T>>,
  getDataStream: ({ addr, key }) =>
    channel(addr).pipe(
      map((event) => ({
        key,
        state: LoadingState.Streaming,
        data: event.type === LiveChannelEventType.Message ? [dataFrameFromJSON(event.message)] : [],
      }))
    ),
  getPresence: () => Promise.reject(new Error('nobody asks who is here')),
  publish: () => Promise.reject(new Error('nothing is published')),
};
