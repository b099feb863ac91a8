import { locationUtil, urlUtil } from '@grafana/data';

// Where the app's pages are. Links of frames, alerts and dashboards lead here, so the paths are an interface.

export const root = '/a/steptrace-app';

export type Page = 'executions' | 'execution' | 'machines' | 'machine' | 'compare';

const pages: readonly string[] = ['executions', 'execution', 'machines', 'machine', 'compare'];

/** The page of a path, the executions where it names none; undefined where it names one that there is not. */
export function pageOf(path: string): Page | undefined {
  const [, rest = ''] = path.split(root);
  const name = rest.split('/').filter(Boolean)[0] ?? 'executions';
  return pages.includes(name) ? (name as Page) : undefined;
}

type Params = Record<string, string | number | string[] | undefined>;

/** The address of a page; parameters that are empty are left out. */
export function pagePath(page: Page, params: Params = {}): string {
  const given = Object.entries(params).filter(([, value]) => value !== undefined && value !== '' && !isEmpty(value));
  return urlUtil.renderUrl(`${root}/${page}`, Object.fromEntries(given));
}

const isEmpty = (value: unknown) => Array.isArray(value) && value.length === 0;

export const executionPath = (execution: string, state?: string) => pagePath('execution', { execution, state });

export const machinePath = (machine: string, range?: { from: string; to: string }) =>
  pagePath('machine', { machine, ...range });

export const comparePath = (a?: string, b?: string) => pagePath('compare', { a, b });

/** What an <a> needs in a Grafana that is served below a path. */
export const href = (path: string) => locationUtil.assureBaseUrl(path);
