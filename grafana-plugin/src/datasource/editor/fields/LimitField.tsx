import React from 'react';
import { Input } from '@grafana/ui';
import { Form } from '../form';
import { Labelled } from './Labelled';

/** How many rows at most. */
export function LimitField({ form, usual, most }: { form: Form; usual: number; most?: number }) {
  return (
    <Labelled label="Limit" help={most ? `How many rows at most; up to ${most}` : 'How many rows at most'}>
      {(id) => (
        <Input
          id={id}
          type="number"
          min={1}
          max={most}
          width={14}
          placeholder={String(usual)}
          value={form.query.limit ?? ''}
          onChange={(e) => form.change({ limit: limitOf(e.currentTarget.value, most) })}
          onBlur={form.run}
          onKeyDown={(e) => e.key === 'Enter' && form.run()}
        />
      )}
    </Labelled>
  );
}

function limitOf(text: string, most = Infinity): number | undefined {
  const limit = Math.trunc(Number(text));
  return limit > 0 ? Math.min(limit, most) : undefined;
}
