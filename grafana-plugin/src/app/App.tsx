import { AppRootProps } from '@grafana/data';
import { PluginPage } from '@grafana/runtime';
import { Alert, ErrorBoundaryAlert } from '@grafana/ui';
import React, { ComponentType } from 'react';
import { ComparePage } from './compare/ComparePage';
import { ExecutionPage } from './execution/ExecutionPage';
import { ExecutionsPage } from './executions/ExecutionsPage';
import { MachinePage } from './machine/MachinePage';
import { MachinesPage } from './machines/MachinesPage';
import { AppSettings } from './source/settings';
import { WithSource } from './source/WithSource';
import { Link } from './ui/Link';
import { Page, pageOf, pagePath } from './url/paths';

const pages: Record<Page, ComponentType> = {
  executions: ExecutionsPage,
  execution: ExecutionPage,
  machines: MachinesPage,
  machine: MachinePage,
  compare: ComparePage,
};

/** The pages of the app: Grafana gives the path, the rest is in the address. */
export function App({ path, meta }: AppRootProps<AppSettings>) {
  const page = pageOf(path);
  if (!page) {
    return <NoPage path={path} />;
  }
  const PageComponent = pages[page];
  return (
    <ErrorBoundaryAlert dependencies={[path]}>
      <WithSource uid={meta.jsonData?.datasourceUid}>
        <PageComponent key={page} />
      </WithSource>
    </ErrorBoundaryAlert>
  );
}

function NoPage({ path }: { path: string }) {
  return (
    <PluginPage>
      <Alert severity="warning" title="There is no such page">
        {path} is none of Steptrace&apos;s. See the <Link to={pagePath('executions')}>executions</Link>.
      </Alert>
    </PluginPage>
  );
}
