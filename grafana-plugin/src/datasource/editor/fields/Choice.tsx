import React from 'react';
import { SelectableValue } from '@grafana/data';
import { RadioButtonGroup } from '@grafana/ui';
import { Labelled } from './Labelled';

interface Props<T> {
  label: string;
  help?: string;
  options: Array<SelectableValue<T>>;
  value?: T;
  onChange: (value: T) => void;
}

/** One of a few values, all in sight. */
export function Choice<T>({ label, help, options, value, onChange }: Props<T>) {
  return (
    <Labelled label={label} help={help}>
      {(id) => (
        // Grafana before 11 gives a group of radio buttons no name.
        <div id={id} role="group" aria-label={label}>
          <RadioButtonGroup options={options} value={value} onChange={onChange} />
        </div>
      )}
    </Labelled>
  );
}
