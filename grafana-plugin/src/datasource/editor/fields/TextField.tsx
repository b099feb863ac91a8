import React from 'react';
import { Input } from '@grafana/ui';
import { SteptraceQuery } from '../../query';
import { FieldOf, Form } from '../form';
import { Labelled } from './Labelled';

interface Props {
  form: Form;
  field: FieldOf<string>;
  label: string;
  help?: string;
  placeholder?: string;
  width?: number;
  /** What is wrong with the text. */
  check?: (text: string) => string | undefined;
}

/** A text. It is asked for when its user leaves it or presses enter. */
export function TextField({ form, field, label, help, placeholder, width = 28, check }: Props) {
  const text = (form.query[field] as string | undefined) ?? '';
  return (
    <Labelled label={label} help={help} error={check?.(text)}>
      {(id) => (
        <Input
          id={id}
          value={text}
          width={width}
          placeholder={placeholder}
          onChange={(e) => form.change({ [field]: e.currentTarget.value || undefined } as Partial<SteptraceQuery>)}
          onBlur={form.run}
          onKeyDown={(e) => e.key === 'Enter' && form.run()}
        />
      )}
    </Labelled>
  );
}
