import { DataFrame } from '@grafana/data';
import { Button } from '@grafana/ui';
import React, { useCallback, useMemo, useState } from 'react';
import { runOf } from '../drawing/runs';
import { Workflow } from '../drawing/Workflow';
import { readWorkflow } from '../frame/workflow';
import { Section } from '../ui/Section';
import { useSearch, useSetSearch } from '../url/useSearch';
import { StateDrawer } from './StateDrawer';
import { StatesTable } from './StatesTable';

interface Props {
  execution: string;
  frame: DataFrame;
}

/** The state in the page's address, and how to choose another. */
function useSelected() {
  const search = useSearch();
  const setSearch = useSetSearch();
  const select = useCallback(
    (state?: string) => {
      const next = new URLSearchParams(search);
      next.delete('state');
      if (state) {
        next.set('state', state);
      }
      setSearch(next, true);
    },
    [search, setSearch]
  );
  return [new URLSearchParams(search).get('state') ?? undefined, select] as const;
}

/** What became of the states, drawn and in words, and the one that is selected in detail. */
export function StatesPart({ execution, frame }: Props) {
  const { states, definition, truncated } = useMemo(() => readWorkflow(frame), [frame]);
  const runs = useMemo(() => states.map(runOf), [states]);
  const [selected, select] = useSelected();
  const [listed, setListed] = useState(false);
  return (
    <Section
      title="Workflow"
      actions={
        <Button size="sm" variant="secondary" fill="outline" aria-pressed={listed} onClick={() => setListed(!listed)}>
          {listed ? 'Hide the list of states' : 'List the states'}
        </Button>
      }
    >
      <Workflow
        definition={definition}
        states={runs}
        mode="execution"
        selected={selected}
        onSelect={select}
        notices={truncated ? cut : undefined}
      />
      {listed && <StatesTable execution={execution} states={states} />}
      {selected && <StateDrawer execution={execution} state={selected} changed={frame} onClose={() => select()} />}
    </Section>
  );
}

const cut = ['The history is longer than what was read: of late states the status may be missing.'];
