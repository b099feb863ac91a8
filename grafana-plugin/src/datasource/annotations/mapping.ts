import { AnnotationEvent, AnnotationEventFieldSource, AnnotationEventMappings } from '@grafana/data';
import { Row } from './rows';

/** An event with what its user has mapped otherwise: a field, a constant text, or nothing. */
export function mapped(event: AnnotationEvent, row: Row, mappings: AnnotationEventMappings = {}): AnnotationEvent {
  const changed = Object.entries(mappings).flatMap(([key, mapping]) => {
    const { source = AnnotationEventFieldSource.Field, value } = mapping ?? {};
    if (source === AnnotationEventFieldSource.Skip) {
      return [[key, undefined]];
    }
    if (!value) {
      return [];
    }
    return [[key, source === AnnotationEventFieldSource.Text ? value : typed(key, row[value])]];
  });
  return { ...event, ...Object.fromEntries(changed) };
}

// What of an event is no text.
function typed(key: string, value: unknown): unknown {
  if (value === undefined || value === null) {
    return undefined;
  }
  if (key === 'time' || key === 'timeEnd') {
    return Number(value);
  }
  return key === 'tags' ? String(value).split(',') : String(value);
}
