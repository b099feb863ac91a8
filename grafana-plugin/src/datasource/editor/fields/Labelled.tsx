import React, { ReactElement, useId } from 'react';
import { InlineField } from '@grafana/ui';

interface Props {
  label: string;
  help?: string;
  error?: string;
  /** Draws the control, which is to have this id. */
  children: (id: string) => ReactElement<Record<string, unknown>>;
}

/** A control with its label before it. */
export function Labelled({ label, help, error, children }: Props) {
  const id = useId();
  return (
    <InlineField
      label={label}
      labelWidth={16}
      tooltip={help}
      htmlFor={id}
      invalid={error ? true : undefined}
      error={error}
    >
      {children(id)}
    </InlineField>
  );
}
