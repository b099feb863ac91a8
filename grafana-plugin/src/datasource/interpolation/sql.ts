import { ScopedVars } from '@grafana/data';
import { TemplateSrv } from '@grafana/runtime';
import { fill, mark } from './marks';

const escape = (value: unknown) => String(value).replaceAll('\\', '\\\\').replaceAll("'", "''");
const quote = (value: unknown) => `'${escape(value)}'`;

// As Grafana's own SQL data sources do: a single value stands between the quotes of the statement ('$machine'), and
// what can have several is quoted for IN ($machine).
function literal(value: unknown, variable?: { multi?: boolean; includeAll?: boolean }): string {
  if (Array.isArray(value)) {
    return value.map(quote).join(',');
  }
  if (typeof value === 'number') {
    return String(value);
  }
  return variable?.multi || variable?.includeAll ? quote(value) : escape(value);
}

/**
 * A statement with its variables replaced. `${machine:json}` is always a JSON list, of a single value too (where
 * Grafana would write the bare value), and the empty list for All: what `$__in(column, ${machine:json})` takes.
 * Other formats (`${machine:csv}`) are Grafana's.
 */
export function expandSql(
  variables: TemplateSrv,
  statement: string,
  scoped: ScopedVars,
  listOf: (variable: string) => string[]
): string {
  const lists: string[] = [];
  const marked = statement.replace(/\$\{(\w+):json\}/g, (written, name: string) => {
    if (!(name in scoped) && !variables.containsTemplate(`\${${name}}`)) {
      return written;
    }
    lists.push(JSON.stringify(listOf(`\${${name}}`)));
    return mark(lists.length - 1);
  });
  return fill(variables.replace(marked, scoped, literal), lists);
}
