import React, { ReactElement, useId } from 'react';
import { Field } from '@grafana/ui';

interface Props {
  label: string;
  help: string;
  error?: string;
  /** Draws the control, which is to have this id. */
  children: (id: string) => ReactElement<Record<string, unknown>>;
}

/** A setting with what it is for. */
export function Setting({ label, help, error, children }: Props) {
  const id = useId();
  return (
    <Field label={label} description={help} htmlFor={id} invalid={error ? true : undefined} error={error}>
      {children(id)}
    </Field>
  );
}
