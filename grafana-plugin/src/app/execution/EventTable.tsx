import { Column } from '@grafana/ui';
import React, { useMemo, useState } from 'react';

import { unfoldEvent } from '../../workflow/details/unfold';
import { HistoryEvent } from '../frame/events';
import { column, DataTable } from '../ui/DataTable';
import { Payload } from '../ui/Payload';
import { Time } from '../ui/Time';
import { Severity } from './Severity';

interface Props {
  events: HistoryEvent[];
  busy: boolean;
}

const columns: Array<Column<HistoryEvent>> = [
  column('id', 'Id', ({ id, redrive }) => (redrive > 0 ? `${id}\u00a0(redrive\u00a0${redrive})` : id)),
  column('time', 'Time', ({ time }) => <Time ms={time} />),
  column('severity', 'Severity', ({ severity }) => <Severity severity={severity} />),
  column('type', 'Event', ({ type }) => type),
  column('state', 'State', ({ state }) => state),
  column('payload', 'Payload', (event) => <EventPayload event={event} />),
];

const rowId = ({ redrive, id }: HistoryEvent) => `${redrive}-${id}`;

export const EventTable = ({ events, busy }: Props) => (
  <DataTable name="History" columns={columns} data={events} rowId={rowId} busy={busy} pageSize={50} />
);

const previewed = 120;
// Longer ones are not unfolded for the sake of their first words.
const mostUnfolded = 16_384;

// Payloads are drawn when they are opened: a history may have thousands.
function EventPayload({ event: { id, payload } }: { event: HistoryEvent }) {
  const [open, setOpen] = useState(false);
  const preview = useMemo(() => previewOf(payload), [payload]);
  if (preview === '' || preview === '{}') {
    return null;
  }
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{preview}</summary>
      {open && <OpenPayload id={id} payload={payload} />}
    </details>
  );
}

function OpenPayload({ id, payload }: { id: number; payload: string }) {
  const unfolded = useMemo(() => unfoldEvent(payload), [payload]);
  return <Payload name={`payload of event ${id}`} value={unfolded} copied={payload} />;
}

function previewOf(payload: string): string {
  const text = payload.length > mostUnfolded ? payload : unfoldEvent(payload).replace(/\n */g, ' ');
  return text.length > previewed ? `${text.slice(0, previewed)}…` : text;
}
