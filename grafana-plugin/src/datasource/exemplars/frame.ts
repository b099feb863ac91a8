import { DataFrame, DataLink, DataTopic, Field, FieldType } from '@grafana/data';
import { TIME_SERIES_TIME_FIELD_NAME, TIME_SERIES_VALUE_FIELD_NAME } from '@grafana/data';
import { SteptraceQuery } from '../query';

/** The data source that links ask. */
interface LinkSource {
  uid: string;
  name: string;
  type: string;
}

const told = ['state_machine', 'status', 'name', 'execution_arn'];

/**
 * The longest executions of each step, as Grafana's graphs take exemplars: out of a frame `executions`, at the time
 * of their ends. The frame is of the query `refId`.
 */
export function exemplarsOf(executions: DataFrame, refId: string, stepMs: number, source: LinkSource): DataFrame {
  const column = (name: string): unknown[] => Array.from(executions.fields.find((f) => f.name === name)?.values ?? []);
  const rows = longest(column('end'), column('duration_ms'), column('state_machine'), stepMs);
  const taken = (field: string, name: string, type: FieldType, links?: DataLink[]): Field => {
    const all = column(field);
    return { name, type, config: links ? { links } : {}, values: rows.map((i) => all[i]) };
  };
  return {
    name: 'exemplar',
    refId,
    meta: { dataTopic: DataTopic.Annotations, custom: { resultType: 'exemplar' } },
    length: rows.length,
    fields: [
      taken('end', TIME_SERIES_TIME_FIELD_NAME, FieldType.time),
      taken('duration_ms', TIME_SERIES_VALUE_FIELD_NAME, FieldType.number),
      ...told.map((name) => taken(name, name, FieldType.string)),
      taken('trace_id', 'trace_id', FieldType.string, [traceLink(source)]),
    ],
  };
}

// The rows with the longest duration of each step and state machine; rows without an end still run.
function longest(ends: unknown[], durations: unknown[], machines: unknown[], stepMs: number): number[] {
  const best = new Map<string, number>();
  ends.forEach((end, i) => {
    if (end === null || end === undefined) {
      return;
    }
    const step = `${Math.floor(Number(end) / stepMs)} ${machines[i]}`;
    const known = best.get(step);
    if (known === undefined || Number(durations[i]) > Number(durations[known])) {
      best.set(step, i);
    }
  });
  return Array.from(best.values()).sort((a, b) => Number(ends[a]) - Number(ends[b]));
}

function traceLink({ uid, name, type }: LinkSource): DataLink<SteptraceQuery> {
  const query: SteptraceQuery = {
    refId: 'A',
    queryType: 'trace',
    execution: '${__value.raw}',
    datasource: { type, uid },
  };
  return { title: 'Trace', url: '', internal: { datasourceUid: uid, datasourceName: name, query } };
}
