import React from 'react';
import { InlineFieldRow } from '@grafana/ui';
import { LimitField } from '../fields/LimitField';
import { ListField } from '../fields/ListField';
import { Form } from '../form';

export function StatesForm({ form }: { form: Form }) {
  return (
    <InlineFieldRow>
      <ListField form={form} field="stateMachines" of="machines" label="State machines" />
      <ListField form={form} field="states" of="states" label="States" />
      <LimitField form={form} usual={100} />
    </InlineFieldRow>
  );
}
