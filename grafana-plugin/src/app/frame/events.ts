import { DataFrame } from '@grafana/data';
import { count, json, readRows, text, time } from './rows';

/** An event of an execution's history; payload is JSON text, or empty. */
export interface HistoryEvent {
  id: number;
  time: number | null;
  type: string;
  state: string;
  severity: string;
  redrive: number;
  payload: string;
}

const redriveOf = (labels: unknown) =>
  count((json(labels) as Record<string, unknown> | null | undefined)?.redrive_count);

const readers = {
  timestamp: time,
  severity: text,
  labels: redriveOf,
  event_id: count,
  type: text,
  state: text,
  payload: text,
};

export const readEvents = (frame?: DataFrame): HistoryEvent[] =>
  readRows(frame, readers).map((row) => ({
    id: row.event_id,
    time: row.timestamp,
    type: row.type,
    state: row.state,
    severity: row.severity,
    redrive: row.labels,
    payload: row.payload,
  }));
