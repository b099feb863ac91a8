import React from 'react';
import { InlineFieldRow } from '@grafana/ui';
import { ExecutionField } from '../fields/ExecutionField';
import { LimitField } from '../fields/LimitField';
import { ListField } from '../fields/ListField';
import { SwitchField } from '../fields/SwitchField';
import { TextField } from '../fields/TextField';
import { Form } from '../form';

export function CallsForm({ form }: { form: Form }) {
  const table = (form.query.format ?? 'table') === 'table';
  return (
    <>
      <InlineFieldRow>
        <ListField form={form} field="stateMachines" of="machines" label="State machines" />
        <ListField form={form} field="services" of="services" label="Services" />
        <ListField form={form} field="operations" of="operations" label="Operations" />
      </InlineFieldRow>
      <InlineFieldRow>
        <ListField form={form} field="callers" of="functions" label="Callers" help="Functions that made the calls" />
        <TextField form={form} field="resource" label="Resource" placeholder="A table, bucket, queue, …" />
        <SwitchField form={form} field="failedOnly" label="Failed only" />
        {table && (
          <SwitchField form={form} field="slowest" label="Slowest calls" help="Single calls, the longest first" />
        )}
        <LimitField form={form} usual={100} />
      </InlineFieldRow>
      {table && form.query.slowest && <ExecutionField form={form} />}
    </>
  );
}
