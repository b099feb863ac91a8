/** JSON text with an indent; any other text as it is. */
export function prettyJson(value: unknown): string {
  if (typeof value !== 'string') {
    return value === undefined ? '' : (JSON.stringify(value, null, 2) ?? '');
  }
  try {
    return JSON.stringify(JSON.parse(value), null, 2);
  } catch {
    return value;
  }
}
