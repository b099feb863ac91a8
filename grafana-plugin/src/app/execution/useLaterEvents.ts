import { useState } from 'react';
import { HistoryEvent as Answered } from '../../datasource/answers';
import { time } from '../frame/rows';
import { HistoryEvent } from '../frame/events';
import { useSource } from '../source/SourceContext';
import { messageOf } from '../source/useLoaded';

const page = 500;

const asEvent = (said: Answered): HistoryEvent => ({
  id: said.id,
  time: time(said.time),
  type: said.type,
  state: said.state ?? '',
  severity: said.severity,
  redrive: said.redrive_count,
  payload: said.payload === undefined ? '' : JSON.stringify(said.payload),
});

/** Events beyond those that one query can have, a page at a time. */
export function useLaterEvents(execution: string, first: HistoryEvent[]) {
  const { resources } = useSource();
  const [events, setEvents] = useState<HistoryEvent[]>([]);
  const [errors, setErrors] = useState<string[]>([]);
  const [loading, setLoading] = useState(false);
  const [done, setDone] = useState(false);
  const more = async () => {
    const last = events[events.length - 1] ?? first[first.length - 1];
    setLoading(true);
    try {
      const next = await resources.history({ execution, after: last?.id ?? 0, limit: page });
      setEvents((before) => [...before, ...next.map(asEvent)]);
      setDone(next.length < page);
      setErrors([]);
    } catch (err) {
      setErrors([messageOf(err)]);
    } finally {
      setLoading(false);
    }
  };
  return { events, errors, loading, done, more };
}
