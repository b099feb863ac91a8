import React from 'react';
import { SelectableValue } from '@grafana/data';
import { SteptraceQuery } from '../../query';
import { FieldOf, Form } from '../form';
import { Choice } from './Choice';

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
    <Choice
      label={label}
      help={help}
      options={options}
      value={value}
      onChange={(chosen) => form.change({ [field]: chosen } as Partial<SteptraceQuery>, true)}
    />
  );
}
