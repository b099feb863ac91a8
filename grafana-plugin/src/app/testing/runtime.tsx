import { PanelRendererProps, PluginPageProps } from '@grafana/runtime';
import React from 'react';

// What Grafana itself supplies to plugins at run time, as far as the pages use it.

export function PluginPage({ pageNav, subTitle, actions, children }: PluginPageProps) {
  return (
    <main>
      <h1>{pageNav?.text ?? 'Steptrace'}</h1>
      <div>{subTitle}</div>
      <div>{actions}</div>
      {children}
    </main>
  );
}

export function PanelRenderer({ pluginId, data }: PanelRendererProps) {
  const spans = data?.series[0]?.length ?? 0;
  const asked = data?.request?.targets.map((target) => target.datasource?.uid).join(' ');
  return <div data-testid="panel">{`${pluginId} of ${spans} spans from ${asked}`}</div>;
}
