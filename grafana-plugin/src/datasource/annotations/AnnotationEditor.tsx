import React from 'react';
import { AnnotationQuery, QueryEditorProps } from '@grafana/data';
import { SteptraceDataSource } from '../datasource';
import { formOf } from '../editor/QueryEditor';
import { QueryForm } from '../editor/QueryForm';
import { SteptraceOptions, SteptraceQuery } from '../query';
import { annotationQuery } from './defaults';

type Props = QueryEditorProps<SteptraceDataSource, SteptraceQuery, SteptraceOptions> & {
  annotation?: AnnotationQuery<SteptraceQuery>;
  onAnnotationChange?: (annotation: AnnotationQuery<SteptraceQuery>) => void;
};

/** The query editor of annotations. */
export function AnnotationEditor(props: Props) {
  const query = annotationQuery({ target: props.query });
  return <QueryForm form={formOf(props, query)} place="annotation" />;
}
