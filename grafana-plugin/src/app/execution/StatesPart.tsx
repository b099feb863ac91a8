import { DataFrame } from '@grafana/data';
import { Button } from '@grafana/ui';
import React, { useCallback, useMemo } from 'react';
import { fromFrame } from '../../workflow/fromFrame';
import { StateRun } from '../../workflow/states';
import { Workflow } from '../drawing/Workflow';
import { readWorkflow, StateRow } from '../frame/workflow';
import { useSource } from '../source/SourceContext';
import { Section } from '../ui/Section';
import { explorePath } from '../url/explore';
import { href } from '../url/paths';
import { defaultRange } from '../url/timeRange';
import { useParam } from '../url/useParam';
import { StatesTable } from './StatesTable';

interface Props {
  execution: string;
  frame: DataFrame;
}

/** What became of the states, drawn and in words, and the one that is selected in detail. */
export function StatesPart({ execution, frame }: Props) {
  const data = useMemo(() => fromFrame(frame), [frame]);
  const { states, truncated } = useMemo(() => readWorkflow(frame), [frame]);
  const rows = useMemo(() => withElsewhere(states, data.states), [states, data.states]);
  const { uid, resources } = useSource();
  const load = useCallback((of: string, state: string) => resources.state(of, state), [resources]);
  const [selected, select] = useParam('state');
  const [list, setList] = useParam('list');
  const listed = list === 'states';
  const events = (state: string) => href(explorePath(uid, { queryType: 'events', execution, state }, defaultRange));
  return (
    <Section
      title="Workflow"
      actions={
        <Button
          size="sm"
          variant="secondary"
          fill="outline"
          aria-pressed={listed}
          onClick={() => setList(listed ? undefined : 'states')}
        >
          {listed ? 'Hide the list of states' : 'List the states'}
        </Button>
      }
    >
      <Workflow
        data={data}
        selected={selected}
        onSelect={select}
        load={load}
        links={(state) => [{ title: 'Its events in Explore', href: events(state), icon: 'compass' }]}
        notices={truncated ? cut : undefined}
      />
      {listed && <StatesTable execution={execution} states={rows} />}
    </Section>
  );
}

// The frame has them as not reached.
function withElsewhere(rows: StateRow[], drawn: StateRun[]): StateRow[] {
  const elsewhere = new Set(drawn.filter(({ status }) => status === 'ELSEWHERE').map(({ state }) => state));
  return rows.map((row) => (elsewhere.has(row.state) ? { ...row, status: 'ELSEWHERE' } : row));
}

const cut = ['The history is longer than what was read: of late states the status may be missing.'];
