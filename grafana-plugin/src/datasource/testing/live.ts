import { LiveChannelAddress, LiveChannelConnectionState, LiveChannelEvent, LiveChannelEventType } from '@grafana/data';
import { GrafanaLiveSrv } from '@grafana/runtime';
import { Observable, Subject } from 'rxjs';

/** A Grafana Live whose channels a test drives, by their path. */
export class FakeLive implements GrafanaLiveSrv {
  private readonly channels = new Map<string, Subject<LiveChannelEvent>>();
  readonly addresses: LiveChannelAddress[] = [];

  getStream<T>(address: LiveChannelAddress): Observable<LiveChannelEvent<T>> {
    this.addresses.push(address);
    const channel = this.channels.get(address.path) ?? new Subject<LiveChannelEvent>();
    this.channels.set(address.path, channel);
    return channel;
  }

  /** The paths that somebody listens to. */
  get open(): string[] {
    return Array.from(this.channels.entries()).flatMap(([path, channel]) => (channel.observed ? [path] : []));
  }

  status(path: string, state: LiveChannelConnectionState) {
    this.channels.get(path)!.next({ type: LiveChannelEventType.Status, id: `ds/uid/${path}`, timestamp: 0, state });
  }

  change(path: string) {
    this.channels.get(path)!.next({ type: LiveChannelEventType.Message, message: {} });
  }

  fail(path: string) {
    this.channels.get(path)!.error(new Error('no such channel'));
  }

  end(path: string) {
    this.channels.get(path)!.complete();
  }

  getConnectionState = () => new Subject<boolean>();
  getDataStream = () => new Subject<never>();
  getPresence = async () => ({ users: [] });
  publish = async () => undefined;
}
