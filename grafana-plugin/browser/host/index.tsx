import { createTheme, GrafanaConfig, locationUtil, ThemeContext } from '@grafana/data';
import {
  config,
  locationService,
  setBackendSrv,
  setDataSourceSrv,
  setEchoSrv,
  setGrafanaLiveSrv,
  setLocationSrv,
  setRunRequest,
  setTemplateSrv,
} from '@grafana/runtime';
import { GlobalStyles, PortalContainer } from '@grafana/ui';
import React from 'react';
import { createRoot } from 'react-dom/client';
import { backendSrv } from './backendSrv';
import { dataSourceSrv } from './dataSourceSrv';
import './editors';
import { liveSrv } from './liveSrv';
import { runRequest } from './runRequest';
import { templateSrv } from './templateSrv';
import { useAddress } from './useAddress';
import { AppPage, Connection, Dashboard, Explore } from './views';

// A page that gives the built plugin what Grafana gives it, so that a browser can run it where no Grafana is.

locationUtil.initialize({
  config: config as unknown as GrafanaConfig,
  getVariablesUrlParams: () => ({}),
  getTimeRangeForUrl: () => ({ from: 'now-6h', to: 'now' }),
});
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
