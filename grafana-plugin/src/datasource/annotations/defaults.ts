import { AnnotationQuery } from '@grafana/data';
import { SteptraceQuery } from '../query';

/** What a new annotation shows. */
export const annotationDefaults: Partial<SteptraceQuery> = { queryType: 'failures', limit: 200 };

/** The query of an annotation: a table, which ends. */
export function annotationQuery({ target }: Partial<AnnotationQuery<SteptraceQuery>>): SteptraceQuery {
  const query = target?.queryType ? target : { ...target, ...annotationDefaults };
  return { refId: 'Anno', queryType: 'failures', ...query, format: 'table', metric: undefined, live: false };
}
