import { getDataSourceSrv, PluginPage } from '@grafana/runtime';
import { Alert, LinkButton, LoadingPlaceholder } from '@grafana/ui';
import React, { ReactNode, useCallback } from 'react';
import { SteptraceDataSource } from '../../datasource/datasource';
import { href } from '../url/paths';
import { chosenSource } from './settings';
import { SourceProvider } from './SourceContext';
import { useLoaded } from './useLoaded';

interface Props {
  /** The data source that the app is set to; the first of Steptrace's without one. */
  uid?: string;
  children: ReactNode;
}

const configuration = '/plugins/steptrace-app';

/** Gives the pages their data source, or says what to do where there is none. */
export function WithSource({ uid, children }: Props) {
  const chosen = chosenSource(getDataSourceSrv(), uid)?.uid;
  const load = useCallback(
    () => getDataSourceSrv().get(chosen) as Promise<unknown> as Promise<SteptraceDataSource>,
    [chosen]
  );
  const { value, error, retry } = useLoaded(chosen ? load : null);
  if (!chosen) {
    return <NoSource uid={uid} />;
  }
  if (error) {
    return (
      <PluginPage>
        <Alert severity="error" title="The data source could not be loaded" buttonContent="Try again" onRemove={retry}>
          {error}
        </Alert>
      </PluginPage>
    );
  }
  return value ? (
    <SourceProvider value={value}>{children}</SourceProvider>
  ) : (
    <PluginPage>
      <LoadingPlaceholder text="Loading the data source…" />
    </PluginPage>
  );
}

function NoSource({ uid }: { uid?: string }) {
  const title = uid ? 'The data source that is configured is gone' : 'Steptrace has no data source yet';
  return (
    <PluginPage>
      <Alert severity="warning" title={title}>
        <p>
          {uid
            ? `No data source of Steptrace has the uid ${uid}. Choose another one in the app's configuration.`
            : 'Add a data source of the type Steptrace: it reads the store, a ClickHouse, with its read-only user.'}
        </p>
        <LinkButton variant="primary" href={href(uid ? configuration : '/connections/datasources/new')}>
          {uid ? 'Configure Steptrace' : 'Add a data source'}
        </LinkButton>
      </Alert>
    </PluginPage>
  );
}
