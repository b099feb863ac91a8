import { urlUtil } from '@grafana/data';
import { SteptraceQuery } from '../../datasource/query';
import { UrlRange } from './timeRange';

/** A query of the data source in Explore, as Grafana 10.1 and later write its address. */
export function explorePath(datasource: string, query: Omit<SteptraceQuery, 'refId'>, range: UrlRange): string {
  const queries = [{ refId: 'A', datasource: { type: 'steptrace-datasource', uid: datasource }, ...query }];
  const panes = { steptrace: { datasource, queries, range } };
  return urlUtil.renderUrl('/explore', { schemaVersion: 1, panes: JSON.stringify(panes) });
}
