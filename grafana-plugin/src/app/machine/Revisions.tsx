import { SelectableValue } from '@grafana/data';
import { LoadingPlaceholder, Select } from '@grafana/ui';
import React, { useCallback, useMemo, useState } from 'react';
import { Revision } from '../../datasource/answers';
import { formatTime, plural } from '../format/format';
import { prettyJson } from '../format/json';
import { time } from '../frame/rows';
import { useSource } from '../source/SourceContext';
import { useLoaded } from '../source/useLoaded';
import { Labelled } from '../ui/Labelled';
import { Errors, Summary } from '../ui/Messages';
import { Payload } from '../ui/Payload';
import { Section } from '../ui/Section';
import { TextDiff } from '../ui/TextDiff';

const limit = 50;

const label = (revision: Revision) =>
  `${formatTime(time(revision.since))} · ${revision.revision_id.slice(0, 8) || 'as created'}`;

/** The definitions that the state machine has had, and what two of them differ in. */
export function Revisions({ machine }: { machine: string }) {
  const { resources } = useSource();
  const load = useCallback(() => resources.revisions(machine, limit), [resources, machine]);
  const { value: revisions = [], error, loading, retry } = useLoaded(load);
  return (
    <Section title="Revisions">
      <Errors title="The definitions could not be read" errors={error ? [error] : []} retry={retry} />
      {loading && <LoadingPlaceholder text="Reading the definitions…" />}
      {!loading && !error && <Summary>{`${plural(revisions.length, 'definition')} known.`}</Summary>}
      {revisions.length > 1 && <Difference revisions={revisions} />}
      {revisions.length > 0 && (
        <details>
          <summary>The newest definition</summary>
          <Payload name="definition" value={revisions[0].definition} />
        </details>
      )}
    </Section>
  );
}

// The newest against the one before it, until others are chosen.
function Difference({ revisions }: { revisions: Revision[] }) {
  const [older, setOlder] = useState(1);
  const [newer, setNewer] = useState(0);
  const options = useMemo(() => revisions.map((r, value) => ({ label: label(r), value })), [revisions]);
  const written = (index: number) => prettyJson(revisions[index]?.definition);
  const choose = (set: (index: number) => void) => (chosen: SelectableValue<number>) => set(chosen.value ?? 0);
  return (
    <>
      <div style={{ display: 'flex', flexWrap: 'wrap', gap: 16, marginBottom: 8 }}>
        <Labelled label="From" width={40}>
          {(id) => <Select inputId={id} options={options} value={older} onChange={choose(setOlder)} />}
        </Labelled>
        <Labelled label="To" width={40}>
          {(id) => <Select inputId={id} options={options} value={newer} onChange={choose(setNewer)} />}
        </Labelled>
      </div>
      <TextDiff name="definitions" before={written(older)} after={written(newer)} />
    </>
  );
}
