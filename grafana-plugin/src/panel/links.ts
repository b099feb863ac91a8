import { locationUtil, TimeRange, urlUtil } from '@grafana/data';
import { DrawerLink } from '../workflow/details/StateDrawer';
import { ExecutionRef } from '../workflow/fromFrame';

/** Where one goes on from a state: the execution's page of the app, and its trace in Explore. */
export function linksOf(
  execution: ExecutionRef,
  state: string,
  datasource: string | undefined,
  range: TimeRange
): DrawerLink[] {
  if (execution.arn === '') {
    return [];
  }
  return [
    { title: 'Execution', href: executionHref(execution.arn, state), icon: 'external-link-alt' },
    ...(datasource === undefined ? [] : [traceLink(execution, datasource, range)]),
  ];
}

/** The execution's page of the app, with one of its states open. */
export const executionHref = (execution: string, state?: string) =>
  locationUtil.assureBaseUrl(
    urlUtil.renderUrl('/a/steptrace-app/execution', { execution, ...(state !== undefined && { state }) })
  );

function traceLink(execution: ExecutionRef, uid: string, { from, to }: TimeRange): DrawerLink {
  const datasource = { type: 'steptrace-datasource', uid };
  const queries = [{ refId: 'A', datasource, queryType: 'trace', execution: execution.traceId || execution.arn }];
  const range = { from: String(from.valueOf()), to: String(to.valueOf()) };
  const panes = JSON.stringify({ trace: { datasource: uid, queries, range } });
  const page = urlUtil.renderUrl('/explore', { schemaVersion: 1, panes });
  return { title: 'Trace', href: locationUtil.assureBaseUrl(page), icon: 'compass' };
}
