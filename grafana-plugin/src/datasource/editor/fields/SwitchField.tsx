import React from 'react';
import { InlineSwitch } from '@grafana/ui';
import { SteptraceQuery } from '../../query';
import { FieldOf, Form } from '../form';
import { Labelled } from './Labelled';

interface Props {
  form: Form;
  field: FieldOf<boolean>;
  label: string;
  help?: string;
}

/** Yes or no. */
export function SwitchField({ form, field, label, help }: Props) {
  const on = Boolean(form.query[field]);
  return (
    <Labelled label={label} help={help}>
      {(id) => (
        <InlineSwitch
          id={id}
          value={on}
          onChange={() => form.change({ [field]: on ? undefined : true } as Partial<SteptraceQuery>, true)}
        />
      )}
    </Labelled>
  );
}
