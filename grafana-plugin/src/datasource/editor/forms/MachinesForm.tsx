import React from 'react';
import { InlineFieldRow } from '@grafana/ui';
import { LimitField } from '../fields/LimitField';
import { ListField } from '../fields/ListField';
import { Form } from '../form';

/** What is asked of state machines alone: them, and Lambda functions. */
export function MachinesForm({ form }: { form: Form }) {
  return (
    <InlineFieldRow>
      <ListField form={form} field="stateMachines" of="machines" label="State machines" />
      <LimitField form={form} usual={100} />
    </InlineFieldRow>
  );
}
