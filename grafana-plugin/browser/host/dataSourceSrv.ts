import { DataSourceApi, DataSourceInstanceSettings, DataSourcePlugin, DataSourceRef } from '@grafana/data';
import { DataSourceSrv } from '@grafana/runtime';
import metadata from '../../src/datasource/plugin.json';
import { load } from './modules';

// One data source is configured: Steptrace's, from the built plugin.

export const UID = 'steptrace';

export type Plugin = DataSourcePlugin<DataSourceApi>;

export const settings = {
  id: 1,
  uid: UID,
  type: metadata.id,
  name: metadata.name,
  access: 'proxy',
  readOnly: false,
  isDefault: true,
  url: `/api/datasources/proxy/uid/${UID}`,
  jsonData: {},
  meta: { ...metadata, module: `public/plugins/${metadata.id}/module.js`, baseUrl: `public/plugins/${metadata.id}` },
} as unknown as DataSourceInstanceSettings;

export const loadPlugin = () => load<{ plugin: Plugin }>(metadata.id).then(({ plugin }) => plugin);

let instance: Promise<DataSourceApi> | undefined;

async function made(): Promise<DataSourceApi> {
  const plugin = await loadPlugin();
  const api = new plugin.DataSourceClass(settings);
  api.components = plugin.components;
  api.meta = settings.meta;
  return api;
}

const names = (ref?: DataSourceRef | string | null) =>
  [undefined, null, '', 'default', UID, settings.name].includes(ref as string) ||
  (typeof ref === 'object' && (ref?.uid === UID || (!ref?.uid && ref?.type === settings.type)));

export const dataSourceSrv: DataSourceSrv = {
  get: (ref) =>
    names(ref) ? (instance ??= made()) : Promise.reject(new Error(`no data source ${JSON.stringify(ref)}`)),
  getList: ({ type, pluginId, filter } = {}) => {
    const wanted = [type, pluginId].flat().filter(Boolean);
    return (wanted.length === 0 || wanted.includes(settings.type)) && (!filter || filter(settings)) ? [settings] : [];
  },
  getInstanceSettings: (ref) => (names(ref) ? settings : undefined),
  reload: () => Promise.resolve(),
  registerRuntimeDataSource: () => undefined,
};
