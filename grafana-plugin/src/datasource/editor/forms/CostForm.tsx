import React from 'react';
import { InlineFieldRow } from '@grafana/ui';
import { ChoiceField } from '../fields/ChoiceField';
import { ExecutionField } from '../fields/ExecutionField';
import { LimitField } from '../fields/LimitField';
import { ListField } from '../fields/ListField';
import { Form } from '../form';

const by = [
  { label: 'State machine', value: 'machine' },
  { label: 'State', value: 'state' },
  { label: 'Execution', value: 'execution' },
];
const architectures = [
  { label: 'x86_64', value: 'x86_64' },
  { label: 'arm64', value: 'arm64' },
];

export function CostForm({ form }: { form: Form }) {
  return (
    <>
      <InlineFieldRow>
        <ListField form={form} field="stateMachines" of="machines" label="State machines" />
        <ChoiceField form={form} field="by" label="By" options={by} />
      </InlineFieldRow>
      <InlineFieldRow>
        <ChoiceField
          form={form}
          field="architecture"
          label="Architecture"
          help="Of the functions: it decides their price, and the store does not know it"
          options={architectures}
        />
        <LimitField form={form} usual={100} />
      </InlineFieldRow>
      {form.query.by === 'execution' && <ExecutionField form={form} />}
    </>
  );
}
