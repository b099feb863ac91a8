import { RadioButtonGroup, Button, LoadingPlaceholder } from '@grafana/ui';
import React, { useMemo, useState } from 'react';
import { plural } from '../format/format';
import { HistoryEvent, readEvents } from '../frame/events';
import { frameOf, useQuery } from '../source/useQuery';
import { Errors, Summary } from '../ui/Messages';
import { Section } from '../ui/Section';
import { toTimeRange } from '../url/timeRange';
import { useParam } from '../url/useParam';
import { EventTable } from './EventTable';
import { useLaterEvents } from './useLaterEvents';

const range = toTimeRange({ from: 'now-24h', to: 'now' });
const [firstPage, mostByQuery] = [200, 5000];

type Kind = 'all' | 'failures';
const kinds = [
  { label: 'All', value: 'all' as Kind },
  { label: 'Failures', value: 'failures' as Kind },
];

/** The history with its payloads, as it grows. */
export function Events({ execution }: { execution: string }) {
  const [limit, setLimit] = useState(firstPage);
  const [which, setWhich] = useParam('events');
  const shown: Kind = which === 'failures' ? which : 'all';
  const show = (kind: Kind) => setWhich(kind === 'all' ? undefined : kind);
  const queries = useMemo(
    () => [{ refId: 'events', queryType: 'events' as const, execution, limit, live: true }],
    [execution, limit]
  );
  const answer = useQuery(queries, range);
  const frame = frameOf(answer, 'events');
  const first = useMemo(() => readEvents(frame), [frame]);
  const later = useLaterEvents(execution, first);
  const events = useMemo(() => [...first, ...later.events], [first, later.events]);
  const rows = shown === 'all' ? events : events.filter(isFailure);
  const full = first.length >= limit;
  return (
    <Section
      title="Events"
      actions={<RadioButtonGroup size="sm" options={kinds} value={shown} onChange={show} aria-label="Which events" />}
    >
      <Errors title="The events could not be read" errors={[...answer.errors, ...later.errors]} retry={answer.retry} />
      <Summary>
        {answer.loading ? '' : `${plural(rows.length, 'event')}${full && !later.done ? ' so far' : ''}.`}
      </Summary>
      {answer.loading && !frame && <LoadingPlaceholder text="Reading the events…" />}
      {rows.length > 0 && <EventTable events={rows} busy={answer.loading} />}
      {full && !later.done && (
        <Button
          variant="secondary"
          disabled={answer.loading || later.loading}
          onClick={() => (limit < mostByQuery ? setLimit(Math.min(limit * 5, mostByQuery)) : later.more())}
        >
          Show later events
        </Button>
      )}
    </Section>
  );
}

const isFailure = ({ severity }: HistoryEvent) => severity.toUpperCase() !== 'INFO';
