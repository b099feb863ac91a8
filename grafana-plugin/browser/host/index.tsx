import { createTheme, ThemeContext } from '@grafana/data';
import {
  config,
  locationService,
  PluginPageProps,
  setBackendSrv,
  setDataSourceSrv,
  setEchoSrv,
  setGrafanaLiveSrv,
  setLocationSrv,
  setRunRequest,
  setTemplateSrv,
} from '@grafana/runtime';
import { GlobalStyles, PortalContainer } from '@grafana/ui';
import { setPanelRenderer } from 'grafana-internal/PanelRenderer';
import { setPluginPage } from 'grafana-internal/PluginPage';
import React from 'react';
import { createRoot } from 'react-dom/client';
import { backendSrv } from './backendSrv';
import { dataSourceSrv } from './dataSourceSrv';
import './editors';
import { liveSrv } from './liveSrv';
import { Panel } from './panels';
import { runRequest } from './runRequest';
import { templateSrv } from './templateSrv';
import { useAddress } from './useAddress';
import { AppPage, Connection, Dashboard, Explore } from './views';

// A page that gives the built plugin what Grafana gives it, so that a browser can run it where no Grafana is.

setBackendSrv(backendSrv as Parameters<typeof setBackendSrv>[0]);
setDataSourceSrv(dataSourceSrv);
setGrafanaLiveSrv(liveSrv);
setLocationSrv({
  update: ({ query, path, replace }) =>
    path ? locationService.push(path) : locationService.partial(query ?? {}, replace),
});
setRunRequest(runRequest);
setTemplateSrv(templateSrv);
setEchoSrv({ addBackend: () => undefined, addEvent: () => undefined, flush: () => undefined });
setPanelRenderer(Panel);
setPluginPage(Page);

function Page({ pageNav, subTitle, actions, info, renderTitle, children }: PluginPageProps) {
  const title = pageNav?.text ?? '';
  return (
    <main style={{ padding: config.theme2.spacing(2) }}>
      {title && (renderTitle ? renderTitle(title) : <h1>{title}</h1>)}
      {info?.map(({ label, value }) => (
        <span key={label}>
          {label} {value}
        </span>
      ))}
      {actions}
      {subTitle}
      {children}
    </main>
  );
}

function View() {
  const { pathname } = useAddress();
  if (pathname.startsWith('/a/')) {
    return <AppPage />;
  }
  switch (pathname) {
    case '/d/workflow':
      return <Dashboard />;
    case '/explore':
      return <Explore />;
    case '/connections':
      return <Connection />;
    default:
      return <main>There is no {pathname} here.</main>;
  }
}

createRoot(document.getElementById('page')!).render(
  <ThemeContext.Provider value={config.theme2 ?? createTheme()}>
    <GlobalStyles />
    <div className="main-view" style={{ height: '100%' }}>
      <View />
    </div>
    <PortalContainer />
  </ThemeContext.Provider>
);
