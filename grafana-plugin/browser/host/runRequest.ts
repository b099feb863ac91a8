import {
  applyFieldOverrides,
  DataFrame,
  DataQueryRequest,
  DataQueryResponse,
  DataSourceApi,
  DataTopic,
  LoadingState,
  PanelData,
  toDataFrame,
} from '@grafana/data';
import { config, getTemplateSrv } from '@grafana/runtime';
import { catchError, from, map, Observable, of, scan, startWith } from 'rxjs';

// Runs a panel's queries as Grafana does: packets of a response replace those before with the same key, and fields get
// what displays their values.

type Packets = Map<string, DataQueryResponse>;

function dataOf(request: DataQueryRequest, packets: Packets): PanelData {
  const responses = [...packets.values()];
  const last = responses[responses.length - 1];
  const frames: DataFrame[] = responses.flatMap((response) => response.data.map((frame) => toDataFrame(frame)));
  const errors = responses.flatMap(({ error, errors }) => errors ?? (error ? [error] : []));
  const annotation = (frame: DataFrame) => frame.meta?.dataTopic === DataTopic.Annotations;
  return {
    state: errors.length > 0 ? LoadingState.Error : (last.state ?? LoadingState.Done),
    series: displayed(frames.filter((frame) => !annotation(frame))),
    annotations: frames.filter(annotation),
    error: errors[0],
    errors,
    request,
    timeRange: request.range,
  };
}

const displayed = (frames: DataFrame[]) =>
  applyFieldOverrides({
    data: frames,
    fieldConfig: { defaults: {}, overrides: [] },
    replaceVariables: (text, scoped, format) => getTemplateSrv().replace(text, scoped, format),
    theme: config.theme2,
    timeZone: 'utc',
  });

export function runRequest(
  datasource: DataSourceApi,
  request: DataQueryRequest,
  query?: (request: DataQueryRequest) => ReturnType<DataSourceApi['query']>
): Observable<PanelData> {
  const loading = { state: LoadingState.Loading, series: [], timeRange: request.range, request };
  return from(query ? query(request) : datasource.query(request)).pipe(
    scan<DataQueryResponse, Packets>((packets, response) => packets.set(response.key ?? 'A', response), new Map()),
    map((packets) => dataOf(request, packets)),
    catchError((error) => of({ ...loading, state: LoadingState.Error, error, errors: [error] })),
    startWith(loading)
  );
}
