import { AnnotationEvent, AnnotationQuery, AnnotationSupport, DataFrame } from '@grafana/data';
import { Observable, of } from 'rxjs';
import { missing } from '../complete';
import { SteptraceQuery } from '../query';
import { AnnotationEditor } from './AnnotationEditor';
import { annotationDefaults, annotationQuery } from './defaults';
import { mapped } from './mapping';
import { eventOf, rowsOf } from './rows';

/** Failures, executions and whatever has times as annotations of graphs. */
export const annotationSupport: AnnotationSupport<SteptraceQuery> = {
  QueryEditor: AnnotationEditor,
  getDefaultQuery: () => annotationDefaults,
  prepareQuery(annotation: AnnotationQuery<SteptraceQuery>) {
    const query = annotationQuery(annotation);
    return missing(query) === undefined ? query : undefined;
  },
  processEvents(annotation: AnnotationQuery<SteptraceQuery>, frames: DataFrame[]): Observable<AnnotationEvent[]> {
    const { queryType } = annotationQuery(annotation);
    const events = frames.flatMap(rowsOf).map((row) => mapped(eventOf(queryType, row), row, annotation.mappings));
    return of(events.filter(({ time }) => Number.isFinite(time)).map(asRegion));
  },
};

const asRegion = (event: AnnotationEvent): AnnotationEvent => ({
  ...event,
  isRegion: event.timeEnd !== undefined && event.timeEnd !== event.time,
});
