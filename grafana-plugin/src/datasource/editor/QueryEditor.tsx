import React, { useEffect } from 'react';
import { QueryEditorProps } from '@grafana/data';
import { SteptraceDataSource } from '../datasource';
import { defaultQuery } from '../defaults';
import { SteptraceOptions, SteptraceQuery } from '../query';
import { Form } from './form';
import { placeOf } from './offered';
import { QueryForm } from './QueryForm';

type Props = QueryEditorProps<SteptraceDataSource, SteptraceQuery, SteptraceOptions>;

/** The query editor of panels, Explore and alert rules. */
export function QueryEditor(props: Props) {
  const { query, app, onChange } = props;
  const complete = query.queryType ? query : withDefaults(query, defaultQuery(app));
  // Not every place asks for the default before it draws the editor, and what is drawn should be what is asked.
  useEffect(() => {
    if (complete !== query) {
      onChange(complete);
    }
  });
  return <QueryForm form={formOf(props, complete)} place={placeOf(app)} />;
}

/** The query of a place that has not said yet what it asks for. */
export function withDefaults(query: SteptraceQuery, defaults: Partial<SteptraceQuery>): SteptraceQuery {
  return { ...query, queryType: 'executions', ...defaults };
}

/** What the parts of an editor are given, out of Grafana's props. */
export function formOf({ datasource, range, onChange, onRunQuery }: Props, query: SteptraceQuery): Form {
  const replace = (next: SteptraceQuery) => {
    onChange(next);
    onRunQuery();
  };
  const change: Form['change'] = (fields, run) => (run ? replace : onChange)({ ...query, ...fields });
  return { query, datasource, range, change, replace, run: onRunQuery };
}
