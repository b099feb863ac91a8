import { Input } from '@grafana/ui';
import React, { useEffect, useState } from 'react';
import { Labelled } from './Labelled';

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  problem?: (text: string) => string | undefined;
  placeholder?: string;
  width?: number;
}

/** Text to search by, taken with Enter or when the input is left, if it can be. */
export function TextFilter({ label, value, onChange, problem, placeholder, width = 22 }: Props) {
  const [draft, setDraft] = useState(value);
  useEffect(() => setDraft(value), [value]);
  const wrong = problem?.(draft.trim());
  const take = () => {
    if (!wrong && draft.trim() !== value) {
      onChange(draft.trim());
    }
  };
  return (
    <Labelled label={label} width={width} problem={wrong}>
      {(id) => (
        <Input
          id={id}
          value={draft}
          placeholder={placeholder}
          invalid={wrong !== undefined}
          onChange={(event) => setDraft(event.currentTarget.value)}
          onBlur={take}
          onKeyDown={(event) => event.key === 'Enter' && take()}
        />
      )}
    </Labelled>
  );
}
