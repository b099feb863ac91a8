import React from 'react';
import { InlineFieldRow } from '@grafana/ui';
import { DurationField } from '../fields/DurationField';
import { LimitField } from '../fields/LimitField';
import { ListField } from '../fields/ListField';
import { TextField } from '../fields/TextField';
import { Form } from '../form';

export function ExecutionsForm({ form }: { form: Form }) {
  return (
    <>
      <InlineFieldRow>
        <ListField form={form} field="stateMachines" of="machines" label="State machines" />
        <ListField form={form} field="statuses" of="statuses" label="Statuses" />
        <ListField form={form} field="errors" of="errors" label="Errors" />
      </InlineFieldRow>
      <InlineFieldRow>
        <TextField form={form} field="name" label="Name" placeholder="A part of the ARN" />
        <TextField
          form={form}
          field="text"
          label="Payload"
          placeholder="order-4711 refused"
          help="Words that one event of the history has, in any order"
        />
        <TextField
          form={form}
          field="failedState"
          label="Failed state"
          help="A state that failed, caught or not, or was broken off"
        />
      </InlineFieldRow>
      <InlineFieldRow>
        <DurationField form={form} field="minDuration" label="Took at least" placeholder="90s" />
        <DurationField form={form} field="maxDuration" label="Took at most" placeholder="1h30m" />
        <TextField form={form} field="mapRun" label="Map Run" placeholder="ARN" help="Only children of this Map Run" />
        <LimitField form={form} usual={100} most={1000} />
      </InlineFieldRow>
    </>
  );
}
