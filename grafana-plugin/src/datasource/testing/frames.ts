/** An answer to `/api/ds/query` with one frame: columns by name, as `name type` → values. */
export function tableOf(refId: string, columns: Record<string, unknown[]>) {
  const entries = Object.entries(columns);
  const fields = entries.map(([key]) => {
    const [name, type = 'string'] = key.split(' ');
    return { name, type };
  });
  const frames = [{ schema: { refId, fields }, data: { values: entries.map(([, values]) => values) } }];
  return { results: { [refId]: { status: 200, frames } } };
}
