import { AnnotationEvent, DataFrame } from '@grafana/data';

export type Row = Record<string, unknown>;

/** The rows of a frame by the names of its fields. */
export function rowsOf(frame: DataFrame): Row[] {
  return Array.from({ length: frame.length }, (_, i) =>
    Object.fromEntries(frame.fields.map((field) => [field.name, field.values[i]]))
  );
}

const text = (value: unknown) => (value === undefined || value === null ? '' : String(value));
const texts = (...values: unknown[]) => values.map(text).filter((v) => v !== '');

/** The first of these fields that a row has. */
const first = (row: Row, ...names: string[]) => names.map((n) => row[n]).find((v) => v !== undefined && v !== null);

function failure(row: Row): AnnotationEvent {
  const what = row.kind === 'execution' ? 'Execution failed' : `${text(row.state)} failed`;
  return {
    time: Number(row.time),
    title: texts(what, row.error).join(': '),
    text: text(row.message),
    tags: texts(row.kind, row.state_machine, row.state, row.error),
  };
}

function execution(row: Row): AnnotationEvent {
  return {
    time: Number(row.start),
    timeEnd: row.end === null || row.end === undefined ? undefined : Number(row.end),
    title: texts(`${text(row.state_machine)} ${text(row.status)}`, row.error).join(': '),
    text: texts(row.name, row.cause).join(': '),
    tags: texts(row.state_machine, row.status, row.error),
  };
}

function any(row: Row): AnnotationEvent {
  const end = first(row, 'timeEnd', 'end');
  return {
    time: Number(first(row, 'time', 'start', 'timestamp')),
    timeEnd: end === undefined ? undefined : Number(end),
    title: text(first(row, 'title', 'status', 'type')),
    text: text(first(row, 'text', 'message', 'body')),
    tags: text(first(row, 'tags', 'state_machine'))
      .split(',')
      .filter(Boolean),
  };
}

/** The event that a row of a query type is, unless its user has mapped the fields. */
export function eventOf(queryType: string, row: Row): AnnotationEvent {
  switch (queryType) {
    case 'failures':
      return failure(row);
    case 'executions':
      return execution(row);
    default:
      return any(row);
  }
}
