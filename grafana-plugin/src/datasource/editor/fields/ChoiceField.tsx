import React from 'react';
import { SelectableValue } from '@grafana/data';
import { RadioButtonGroup } from '@grafana/ui';
import { SteptraceQuery } from '../../query';
import { FieldOf, Form } from '../form';
import { Labelled } from './Labelled';

interface Props {
  form: Form;
  field: FieldOf<string>;
  label: string;
  help?: string;
  /** The first is that of a query that says nothing. */
  options: Array<SelectableValue<string>>;
}

/** One of a few values. */
export function ChoiceField({ form, field, label, help, options }: Props) {
  const value = (form.query[field] as string | undefined) || options[0].value;
  return (
    <Labelled label={label} help={help}>
      {(id) => (
        <RadioButtonGroup
          id={id}
          options={options}
          value={value}
          onChange={(chosen) => form.change({ [field]: chosen } as Partial<SteptraceQuery>, true)}
        />
      )}
    </Labelled>
  );
}
