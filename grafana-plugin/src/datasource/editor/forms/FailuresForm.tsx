import React from 'react';
import { InlineFieldRow } from '@grafana/ui';
import { ChoiceField } from '../fields/ChoiceField';
import { LimitField } from '../fields/LimitField';
import { ListField } from '../fields/ListField';
import { SwitchField } from '../fields/SwitchField';
import { Form } from '../form';

const kinds = [
  { label: 'Both', value: '' },
  { label: 'States', value: 'state' },
  { label: 'Executions', value: 'execution' },
];

export function FailuresForm({ form }: { form: Form }) {
  return (
    <>
      <InlineFieldRow>
        <ListField form={form} field="stateMachines" of="machines" label="State machines" />
        <ListField form={form} field="states" of="states" label="States" />
        <ListField form={form} field="errors" of="errors" label="Errors" />
      </InlineFieldRow>
      <InlineFieldRow>
        <ChoiceField form={form} field="kind" label="Failures of" options={kinds} />
        <SwitchField form={form} field="caught" label="Caught too" help="Failed states whose error a Catch took, too" />
        <LimitField form={form} usual={100} />
      </InlineFieldRow>
    </>
  );
}
