import React from 'react';
import { InlineFieldRow, Select } from '@grafana/ui';
import { Format } from '../query';
import { canHaveExemplars } from '../exemplars/queries';
import { formatsOf, metricsOf, withFormat } from '../types';
import { Choice } from './fields/Choice';
import { DurationField } from './fields/DurationField';
import { Labelled } from './fields/Labelled';
import { SwitchField } from './fields/SwitchField';
import { Form } from './form';
import { labelOf } from './metrics';

const labels: Record<Format, string> = { table: 'Table', time_series: 'Time series', numeric: 'Numeric' };

/** The form of the answer, and what it tells. */
export function FormatRow({ form }: { form: Form }) {
  const { query, replace } = form;
  const format = query.format ?? 'table';
  const options = formatsOf(query.queryType).map((value) => ({ label: labels[value], value }));
  const metrics = metricsOf(query.queryType, format).filter((metric) => metric !== '');
  if (options.length === 1) {
    return null;
  }
  return (
    <InlineFieldRow>
      <Choice
        label="Format"
        help="Numeric: one value for each set of labels, as alert rules take it"
        options={options}
        value={format}
        onChange={(next) => replace(withFormat(query, next))}
      />
      {metrics.length > 0 && <MetricField form={form} metrics={metrics} />}
      {format === 'time_series' && (
        <DurationField form={form} field="step" label="Step" placeholder="Panel's" help="Width of a point" />
      )}
      {canHaveExemplars(query) && (
        <SwitchField
          form={form}
          field="exemplars"
          label="Exemplars"
          help="Marks the longest executions in the graph; a mark leads to its trace"
        />
      )}
    </InlineFieldRow>
  );
}

function MetricField({ form: { query, change }, metrics }: { form: Form; metrics: string[] }) {
  const options = metrics.map((value) => ({ label: labelOf(value), value }));
  return (
    <Labelled label="Metric">
      {(id) => (
        <Select
          inputId={id}
          aria-label="Metric"
          width={28}
          options={options}
          value={query.metric ?? metrics[0]}
          allowCustomValue
          onChange={({ value }) => change({ metric: value }, true)}
        />
      )}
    </Labelled>
  );
}
