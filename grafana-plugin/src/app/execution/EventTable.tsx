import { Column } from '@grafana/ui';
import React, { useState } from 'react';

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
  column('id', 'Id', ({ id, redrive }) => (redrive > 0 ? `${id} (redrive ${redrive})` : id)),
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

// Payloads are drawn when they are opened: a history may have thousands.
function EventPayload({ event: { id, payload } }: { event: HistoryEvent }) {
  const [open, setOpen] = useState(false);
  if (payload === '') {
    return null;
  }
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{payload.length > previewed ? `${payload.slice(0, previewed)}…` : payload}</summary>
      {open && <Payload name={`payload of event ${id}`} value={payload} />}
    </details>
  );
}
