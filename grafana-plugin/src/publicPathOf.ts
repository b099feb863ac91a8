/**
 * The folder of the app, with a slash at its end, by the address of one of its modules: the app's own, or that of the data
 * source or the panel, which Grafana serves as plugins of their own while the chunks are all the app's. Undefined for no
 * address.
 */
export function publicPathOf(uri: string | undefined): string | undefined {
  if (!uri) {
    return undefined;
  }
  const folder = uri.replace(/[?#].*$/, '').replace(/[^/]*$/, '');
  return folder
    .replace(/\/(datasource|panel)\/$/, '/')
    .replace(/\/steptrace-(datasource|workflow-panel)\/$/, '/steptrace-app/');
}
