import {
  AppPlugin,
  AppPluginMeta,
  AppRootProps,
  DataQuery,
  DataSourceApi,
  DataSourcePluginOptionsEditorProps,
  DataSourceSettings,
  LoadingState,
} from '@grafana/data';
import { locationService } from '@grafana/runtime';
import React, { useEffect, useRef, useState } from 'react';
import metadata from '../../src/plugin.json';
import panelMetadata from '../../src/panel/plugin.json';
import { dataSourceSrv, loadPlugin, Plugin, settings } from './dataSourceSrv';
import { load } from './modules';
import { FrameTable, Panel } from './panels';
import { useAddress } from './useAddress';
import { usePanelData } from './usePanelData';

const parameter = (name: string, otherwise: string) => JSON.parse(locationService.getSearch().get(name) ?? otherwise);

// Dashboard has one panel, Steptrace's, with the queries and options that the address has.
export function Dashboard() {
  const { width, height } = useWindowSize();
  const data = usePanelData(parameter('targets', '[]'));
  const [options, setOptions] = useState(parameter('options', '{}'));
  return (
    <Panel
      pluginId={panelMetadata.id}
      title="Workflow"
      data={data}
      options={options}
      onOptionsChange={setOptions}
      width={width}
      height={height}
    />
  );
}

function useWindowSize() {
  const [size, setSize] = useState({ width: window.innerWidth, height: window.innerHeight });
  useEffect(() => {
    const measure = () => setSize({ width: window.innerWidth, height: window.innerHeight });
    window.addEventListener('resize', measure);
    return () => window.removeEventListener('resize', measure);
  }, []);
  return size;
}

// AppPage is a page of the app, below its path.
export function AppPage() {
  const [Root, setRoot] = useState<React.ComponentType<AppRootProps>>();
  const { pathname, search } = useAddress();
  useEffect(() => {
    load<{ plugin: AppPlugin }>(metadata.id).then(({ plugin }) => setRoot(() => plugin.root));
  }, []);
  return Root ? (
    <Root
      meta={{ ...metadata, enabled: true, jsonData: {} } as unknown as AppPluginMeta}
      basename={`/a/${metadata.id}`}
      path={pathname}
      query={Object.fromEntries(new URLSearchParams(search))}
      onNavChanged={() => undefined}
    />
  ) : null;
}

const usePlugin = () => {
  const [plugin, setPlugin] = useState<Plugin>();
  useEffect(() => {
    loadPlugin().then(setPlugin);
  }, []);
  return plugin;
};

// Explore edits a query, which runs when the editor says so, and shows its frames.
export function Explore() {
  const plugin = usePlugin();
  const [query, setQuery] = useState<DataQuery>(parameter('query', '{"refId":"A"}'));
  const [asked, setAsked] = useState<DataQuery[]>([]);
  const latest = useRef(query);
  const source = useDataSource();
  const data = usePanelData(asked);
  const Editor = plugin?.components.QueryEditor;
  const change = (next: DataQuery) => {
    latest.current = next;
    setQuery(next);
  };
  return Editor && source ? (
    <main>
      <Editor
        datasource={source}
        query={query}
        onChange={change}
        onRunQuery={() => setAsked([{ ...latest.current }])}
        range={data?.timeRange}
        data={data}
      />
      <output aria-label="state">{data?.state ?? LoadingState.NotStarted}</output>
      <output aria-label="error">{data?.error?.message}</output>
      <pre aria-label="query">{JSON.stringify(query)}</pre>
      {data?.series.map((frame, n) => (
        <FrameTable key={n} frame={frame} caption={frame.name ?? ''} />
      ))}
    </main>
  ) : null;
}

function useDataSource() {
  const [source, setSource] = useState<DataSourceApi>();
  useEffect(() => {
    dataSourceSrv.get().then(setSource);
  }, []);
  return source;
}

// Connection edits the data source's settings.
export function Connection() {
  const plugin = usePlugin();
  const [options, setOptions] = useState<DataSourceSettings>({
    id: 1,
    uid: settings.uid,
    orgId: 1,
    name: settings.name,
    type: settings.type,
    typeName: settings.name,
    typeLogoUrl: '',
    access: 'proxy',
    url: '',
    user: '',
    database: '',
    basicAuth: false,
    basicAuthUser: '',
    isDefault: true,
    jsonData: {},
    secureJsonFields: {},
    readOnly: false,
    withCredentials: false,
  });
  const Editor = plugin?.components.ConfigEditor as React.ComponentType<DataSourcePluginOptionsEditorProps> | undefined;
  return Editor ? (
    <main>
      <Editor options={options} onOptionsChange={setOptions} />
      <pre aria-label="settings">{JSON.stringify(options)}</pre>
    </main>
  ) : null;
}
