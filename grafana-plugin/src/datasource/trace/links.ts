import { DataFrame, DataLink, Field, FieldType } from '@grafana/data';
import { SteptraceQuery } from '../query';
import { Place, placesOf } from './places';

/** The data source that links ask, and where Grafana is served (a sub path, or empty). */
export interface LinkSource {
  uid: string;
  name: string;
  type: string;
  appSubUrl: string;
}

const isTrace = (frame: DataFrame) =>
  frame.meta?.preferredVisualisationType === 'trace' && frame.fields.some((f) => f.name === 'spanID');

/**
 * A trace frame with links from its spans to the events of their execution and to the metrics of their state, which
 * Grafana shows beside a span. Frames of other kinds stay.
 *
 * Grafana's own settings for this (tracesToLogsV2, tracesToMetrics) write queries only for data sources that it knows.
 */
export function withLinks(frame: DataFrame, source: LinkSource): DataFrame {
  if (!isTrace(frame)) {
    return frame;
  }
  const places = placesOf(frame);
  const range = rangeAround(frame);
  const fields = frame.fields.map((f) => (f.name === 'spanID' ? linked(f, [eventsLink(source), metricsLink]) : f));
  return {
    ...frame,
    fields: [
      ...fields,
      column(
        'execution',
        places.map((p) => p.execution)
      ),
      column(
        'metricsUrl',
        places.map((p) => metricsUrl(p, source, range))
      ),
    ],
  };
}

const linked = (field: Field, links: DataLink[]): Field => ({
  ...field,
  config: { ...field.config, links: [...(field.config.links ?? []), ...links] },
});

const column = (name: string, values: string[]): Field => ({ name, type: FieldType.string, config: {}, values });

function eventsLink({ uid, name, type }: LinkSource): DataLink<SteptraceQuery> {
  const query: SteptraceQuery = {
    refId: 'A',
    queryType: 'events',
    execution: '${__data.fields.execution}',
    datasource: { type, uid },
  };
  return { title: 'Events of this execution', url: '', internal: { datasourceUid: uid, datasourceName: name, query } };
}

// A span's own range, which Grafana gives to links within it, is too short for metrics: so the range is in the URL.
const metricsLink: DataLink = { title: 'Metrics of this state', url: '${__data.fields.metricsUrl:raw}' };

function metricsUrl({ stateMachine, state }: Place, { uid, type, appSubUrl }: LinkSource, range: Range): string {
  const query: SteptraceQuery = {
    refId: 'A',
    queryType: 'states',
    format: 'time_series',
    metric: 'p95',
    stateMachines: stateMachine ? [stateMachine] : [],
    states: state ? [state] : [],
    datasource: { type, uid },
  };
  const left = JSON.stringify({ datasource: uid, queries: [query], range });
  return `${appSubUrl}/explore?left=${encodeURIComponent(left)}`;
}

interface Range {
  /** Unix ms, as text: Explore's URLs have it so. */
  from: string;
  to: string;
}

const aroundMs = 12 * 3600 * 1000;

/** Half a day before and after the trace. */
function rangeAround(frame: DataFrame): Range {
  const starts: number[] = Array.from(frame.fields.find((f) => f.name === 'startTime')?.values ?? []);
  const durations: number[] = Array.from(frame.fields.find((f) => f.name === 'duration')?.values ?? []);
  const [from, to] = starts.reduce(
    ([first, last], start, i) => [Math.min(first, start), Math.max(last, start + (durations[i] ?? 0))],
    [Infinity, -Infinity]
  );
  return { from: String(Math.floor(from - aroundMs)), to: String(Math.ceil(to + aroundMs)) };
}
