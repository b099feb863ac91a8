import { LinkButton } from '@grafana/ui';
import React from 'react';
import { TextFilter } from '../ui/TextFilter';
import { href } from '../url/paths';

interface Props {
  a: string;
  b: string;
  /** The address with both the other way round. */
  swapped?: string;
  onChange: (side: 'a' | 'b', execution: string) => void;
}

const help = 'ARN, trace id or latest';

/** Which executions are compared. */
export function Chosen({ a, b, swapped, onChange }: Props) {
  return (
    <form
      aria-label="Executions to compare"
      style={{ display: 'flex', flexWrap: 'wrap', alignItems: 'flex-end', gap: 8, marginBottom: 16 }}
      onSubmit={(event) => event.preventDefault()}
    >
      <TextFilter
        label="Execution A"
        width={50}
        value={a}
        placeholder={help}
        onChange={(text) => onChange('a', text)}
      />
      <TextFilter
        label="Execution B"
        width={50}
        value={b}
        placeholder={help}
        onChange={(text) => onChange('b', text)}
      />
      {swapped && (
        <LinkButton variant="secondary" icon="exchange-alt" href={href(swapped)}>
          Swap
        </LinkButton>
      )}
    </form>
  );
}
