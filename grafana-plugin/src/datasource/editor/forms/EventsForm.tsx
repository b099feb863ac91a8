import React from 'react';
import { InlineFieldRow } from '@grafana/ui';
import { ExecutionField } from '../fields/ExecutionField';
import { LimitField } from '../fields/LimitField';
import { ListField } from '../fields/ListField';
import { TextField } from '../fields/TextField';
import { Form } from '../form';

export function EventsForm({ form }: { form: Form }) {
  return (
    <>
      <ExecutionField form={form} />
      <InlineFieldRow>
        <TextField form={form} field="state" label="State" help="Only events of this state" placeholder="All" />
        <ListField form={form} field="eventTypes" label="Event types" help="Such as TaskFailed: write them" />
        <LimitField form={form} usual={200} most={5000} />
      </InlineFieldRow>
    </>
  );
}
