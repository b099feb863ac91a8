import React from 'react';
import { InlineFieldRow } from '@grafana/ui';
import { LimitField } from '../fields/LimitField';
import { ListField } from '../fields/ListField';
import { TextField } from '../fields/TextField';
import { Form } from '../form';

export function MapRunsForm({ form }: { form: Form }) {
  return (
    <InlineFieldRow>
      <ListField form={form} field="stateMachines" of="machines" label="State machines" />
      <TextField form={form} field="mapRun" label="Map Run" placeholder="ARN" help="Only this Map Run" />
      <LimitField form={form} usual={100} />
    </InlineFieldRow>
  );
}
