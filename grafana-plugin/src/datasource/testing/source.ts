import {
  CoreApp,
  DataQueryRequest,
  DataSourceInstanceSettings,
  dateTime,
  PluginType,
  RawTimeRange,
} from '@grafana/data';
import { BackendSrv, setBackendSrv, setGrafanaLiveSrv, setTemplateSrv, TemplateSrv } from '@grafana/runtime';
import { SteptraceDataSource } from '../datasource';
import { SteptraceOptions, SteptraceQuery } from '../query';
import { FakeBackend } from './backend';
import { FakeLive } from './live';
import { templates } from './templates';

export const settings: DataSourceInstanceSettings<SteptraceOptions> = {
  id: 1,
  uid: 'uid',
  type: 'steptrace-datasource',
  name: 'Steptrace',
  access: 'proxy',
  readOnly: false,
  url: '/api/datasources/proxy/uid/uid',
  jsonData: {},
  meta: {
    id: 'steptrace-datasource',
    name: 'Steptrace',
    type: PluginType.datasource,
    module: '',
    baseUrl: '',
    info: {
      author: { name: '' },
      description: '',
      links: [],
      logos: { small: '', large: '' },
      screenshots: [],
      updated: '',
      version: '',
    },
  },
};

/** A data source in a Grafana whose backend and Live a test drives. */
export function dataSource(variables: TemplateSrv = templates({})) {
  const backend = new FakeBackend();
  const live = new FakeLive();
  setBackendSrv(backend as unknown as BackendSrv);
  setGrafanaLiveSrv(live);
  setTemplateSrv(variables);
  return { source: new SteptraceDataSource(settings), backend, live };
}

/** A request of a dashboard for the last hour. */
export function request(
  targets: Array<Partial<SteptraceQuery>>,
  raw: RawTimeRange = { from: 'now-1h', to: 'now' }
): DataQueryRequest<SteptraceQuery> {
  const to = dateTime();
  return {
    requestId: 'Q1',
    app: CoreApp.Dashboard,
    interval: '1m',
    intervalMs: 60000,
    range: { from: dateTime(to).subtract(1, 'hour'), to, raw },
    scopedVars: {},
    startTime: to.valueOf(),
    timezone: 'utc',
    targets: targets.map((t, i) => ({ refId: 'ABC'[i], queryType: 'executions', ...t })),
  };
}
