import { PluginPage } from '@grafana/runtime';
import React from 'react';
import { comparePath } from '../url/paths';
import { useSearch, useSetSearch } from '../url/useSearch';
import { Candidates } from './Candidates';
import { Chosen } from './Chosen';
import { Comparison } from './Comparison';

/** Two executions side by side; the address names them a and b. */
export function ComparePage() {
  const address = useSearch();
  const setAddress = useSetSearch();
  const params = new URLSearchParams(address);
  const [a, b] = [params.get('a')?.trim() ?? '', params.get('b')?.trim() ?? ''];
  const choose = (side: 'a' | 'b', execution: string) => {
    const next = new URLSearchParams(address);
    next.delete(side);
    if (execution) {
      next.set(side, execution);
    }
    setAddress(next);
  };
  const swapped = a && b ? comparePath(b, a) : undefined;
  return (
    <PluginPage subTitle="Where two executions differ, and what took longer.">
      <Chosen a={a} b={b} swapped={swapped} onChange={choose} />
      {a && b ? (
        <Comparison key={`${a} ${b}`} a={a} b={b} />
      ) : (
        <Candidates key={a || b} chosen={a || b} side={a ? 'b' : 'a'} />
      )}
    </PluginPage>
  );
}
