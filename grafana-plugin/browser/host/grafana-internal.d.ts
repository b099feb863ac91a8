// What Grafana imports from its packages' files and they do not export: browser/webpack.config.js says where it is.
declare module 'grafana-internal/PanelRenderer' {
  import { ComponentType } from 'react';
  import { PanelRendererProps } from '@grafana/runtime';
  export function setPanelRenderer(renderer: ComponentType<PanelRendererProps>): void;
}

declare module 'grafana-internal/PluginPage' {
  import { ComponentType } from 'react';
  import { PluginPageProps } from '@grafana/runtime';
  export function setPluginPage(page: ComponentType<PluginPageProps>): void;
}
