import { DataSourceInstanceSettings } from '@grafana/data';
import { DataSourceSrv } from '@grafana/runtime';

/** What the app's configuration has. */
export interface AppSettings {
  datasourceUid?: string;
}

export const datasourceType = 'steptrace-datasource';

/** The data sources of Steptrace that there are. */
export const sourcesOf = (service: DataSourceSrv): DataSourceInstanceSettings[] =>
  service.getList({ type: datasourceType, all: true }).filter((found) => found.type === datasourceType);

/** The one that is configured, else the first; undefined where there is none. A configured one that is gone is none. */
export function chosenSource(service: DataSourceSrv, uid?: string): DataSourceInstanceSettings | undefined {
  const sources = sourcesOf(service);
  return uid ? sources.find((source) => source.uid === uid) : sources[0];
}
