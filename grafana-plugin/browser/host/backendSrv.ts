import { DataQueryErrorType } from '@grafana/data';
import { BackendSrv, BackendSrvRequest, FetchError, FetchResponse } from '@grafana/runtime';
import { lastValueFrom, Observable } from 'rxjs';

// Grafana's HTTP client: real requests, all below Grafana's own path. A request with the id of one under way cancels that
// one.

const underWay = new Map<string, () => void>();

function urlOf({ url, params }: BackendSrvRequest) {
  const full = new URL(url.replace(/^\//, ''), document.baseURI);
  for (const [name, value] of Object.entries(params ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null) {
        full.searchParams.append(name, String(one));
      }
    }
  }
  return full;
}

async function send<T>(request: BackendSrvRequest, signal: AbortSignal): Promise<FetchResponse<T>> {
  const { method = 'GET', data, headers } = request;
  const answer = await window.fetch(urlOf(request), {
    method,
    signal,
    headers: data === undefined ? headers : { 'Content-Type': 'application/json', ...headers },
    body: data === undefined ? undefined : JSON.stringify(data),
  });
  const text = await answer.text();
  const parsed = text && answer.headers.get('Content-Type')?.includes('json') ? JSON.parse(text) : text;
  const { status, statusText, ok, redirected, type, url } = answer;
  if (!ok) {
    throw { status, statusText, data: parsed, config: request } satisfies FetchError;
  }
  return { data: parsed, status, statusText, ok, headers: answer.headers, redirected, type, url, config: request };
}

export function fetch<T>(request: BackendSrvRequest) {
  return new Observable<FetchResponse<T>>((to) => {
    const abort = new AbortController();
    const { requestId } = request;
    const cancel = () => {
      abort.abort();
      to.error({ type: DataQueryErrorType.Cancelled, cancelled: true, data: null, status: -1, config: request });
    };
    if (requestId) {
      underWay.get(requestId)?.();
      underWay.set(requestId, cancel);
    }
    const settle = () => requestId && underWay.get(requestId) === cancel && underWay.delete(requestId);
    send<T>(request, abort.signal)
      .then((answer) => {
        to.next(answer);
        to.complete();
      })
      .catch((error) => !abort.signal.aborted && to.error(error))
      .finally(settle);
    return () => abort.abort();
  });
}

const asked = <T>(request: BackendSrvRequest) => lastValueFrom(fetch<T>(request)).then((answer) => answer.data);

// The parts of BackendSrv that a plugin may use in 10.1 and 13.1 both.
export const backendSrv: Omit<BackendSrv, 'chunked'> = {
  fetch,
  datasourceRequest: (request) => lastValueFrom(fetch(request)),
  request: asked,
  get: (url, params, requestId, options) => asked({ ...options, url, params, requestId }),
  delete: (url, data, options) => asked({ ...options, method: 'DELETE', url, data }),
  post: (url, data, options) => asked({ ...options, method: 'POST', url, data }),
  patch: (url, data, options) => asked({ ...options, method: 'PATCH', url, data }),
  put: (url, data, options) => asked({ ...options, method: 'PUT', url, data }),
};
