import { BackendSrvRequest, FetchResponse } from '@grafana/runtime';
import { Observable } from 'rxjs';

interface Asked extends BackendSrvRequest {
  /** Answers the request. */
  answer: (data: unknown) => void;
  fail: (error: unknown) => void;
  /** Nobody waits for the answer any longer. */
  cancelled: boolean;
}

/** The requests to Grafana's backend, which a test answers when it likes. */
export class FakeBackend {
  readonly asked: Asked[] = [];

  fetch = <T>(request: BackendSrvRequest): Observable<FetchResponse<T>> =>
    new Observable((subscriber) => {
      let done = false;
      const asked: Asked = {
        ...request,
        cancelled: false,
        answer: (data) => {
          done = true;
          subscriber.next({ data, status: 200, ok: true } as FetchResponse<T>);
          subscriber.complete();
        },
        fail: (error) => {
          done = true;
          subscriber.error(error);
        },
      };
      this.asked.push(asked);
      return () => {
        asked.cancelled = !done;
      };
    });

  get last(): Asked {
    return this.asked[this.asked.length - 1];
  }
}

/** An answer to `/api/ds/query`: a frame with one number for each refId, or an error (text). */
export function results(of: Record<string, number | string>) {
  const results = Object.entries(of).map(([refId, value]) => [
    refId,
    typeof value === 'string'
      ? { status: 502, error: value }
      : {
          status: 200,
          frames: [{ schema: { refId, fields: [{ name: 'n', type: 'number' }] }, data: { values: [[value]] } }],
        },
  ]);
  return { results: Object.fromEntries(results) };
}
