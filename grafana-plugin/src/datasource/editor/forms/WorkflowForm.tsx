import React from 'react';
import { InlineFieldRow } from '@grafana/ui';
import { Choice } from '../fields/Choice';
import { ExecutionField } from '../fields/ExecutionField';
import { ListField } from '../fields/ListField';
import { Form } from '../form';

const of = [
  { label: 'One execution', value: false },
  { label: 'All of the range', value: true, description: 'All executions of one state machine in the range' },
];

export function WorkflowForm({ form }: { form: Form }) {
  const aggregate = form.query.aggregate ?? false;
  return (
    <>
      <InlineFieldRow>
        <Choice
          label="Draw"
          options={of}
          value={aggregate}
          onChange={(all) => form.change({ aggregate: all || undefined }, true)}
        />
      </InlineFieldRow>
      <InlineFieldRow>
        {aggregate ? (
          <ListField form={form} field="stateMachines" of="machines" label="State machine" placeholder="Choose one" />
        ) : (
          <ExecutionField form={form} />
        )}
      </InlineFieldRow>
    </>
  );
}
