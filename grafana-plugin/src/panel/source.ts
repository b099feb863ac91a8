import { PanelData } from '@grafana/data';
import { DataSourceWithBackend, getDataSourceSrv } from '@grafana/runtime';
import { LoadState, StateDetails } from '../workflow/details/stateDetails';

/** The uid of the Steptrace data source that answered a query; undefined if another one did. */
export function sourceOf({ request }: PanelData, refId: string | undefined): string | undefined {
  const targets = request?.targets ?? [];
  const target = targets.find((each) => each.refId === refId) ?? (targets.length === 1 ? targets[0] : undefined);
  return target?.datasource?.type === 'steptrace-datasource' ? target.datasource.uid : undefined;
}

/** Asks a data source's resource `state`. */
export const loadStateFrom =
  (uid: string): LoadState =>
  async (execution, state) => {
    const source = (await getDataSourceSrv().get({ uid })) as unknown as DataSourceWithBackend;
    return source.getResource<StateDetails>('state', { execution, state }, { showErrorAlert: false });
  };
