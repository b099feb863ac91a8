import React, { useMemo, useState } from 'react';
import { dateTimeFormat } from '@grafana/data';
import { Button, useStyles2 } from '@grafana/ui';
import { counted } from '../view/format';
import { Attempts } from './Attempts';
import { detailStyles } from './detailStyles';
import { ErrorText, Outcome } from './Outcome';
import { Payload } from './Payload';
import { StateDetails, Visit } from './stateDetails';
import { toldOf } from './told';

const atFirst = 20;

interface Props {
  details: StateDetails;
  timeZone?: string;
}

/** The visits of a state, the latest first; within each its attempts, their Lambda invocations and what these called. */
export function Visits({ details, timeZone }: Props) {
  const { visits, omitted = 0, truncated = false } = details;
  const [all, setAll] = useState(false);
  const latest = (visits ?? []).map((visit, at) => ({ visit, number: visit.number ?? at + 1 })).reverse();
  const shown = all ? latest : latest.slice(0, atFirst);
  const total = latest.length + omitted;
  return (
    <>
      <Missing omitted={omitted} total={total} truncated={truncated} />
      {shown.map(({ visit, number }, at) => (
        <VisitPart key={visit.span_id || number} visit={visit} number={number} open={at === 0} timeZone={timeZone} />
      ))}
      {shown.length < latest.length && (
        <Button size="sm" variant="secondary" onClick={() => setAll(true)}>
          Show {omitted > 0 ? `${latest.length} of ${total}` : `all ${total}`} visits
        </Button>
      )}
    </>
  );
}

/** What of the visits is not there. */
function Missing({ omitted, total, truncated }: { omitted: number; total: number; truncated: boolean }) {
  const styles = useStyles2(detailStyles);
  return (
    <>
      {omitted > 0 && (
        <p className={styles.muted}>
          {omitted} of {counted(total, 'visit')} are not shown; those that did not succeed come before those that did.
        </p>
      )}
      {truncated && (
        <p className={styles.muted}>
          The store holds more of the execution than was read: visits may be missing, and are numbered without those.
        </p>
      )}
    </>
  );
}

interface VisitProps {
  visit: Visit;
  number: number;
  open: boolean;
  timeZone?: string;
}

function VisitPart({ visit, number, open, timeZone }: VisitProps) {
  const styles = useStyles2(detailStyles);
  const attempts = visit.attempts ?? [];
  const told = useMemo(() => toldOf(visit), [visit]);
  return (
    <details open={open} className={styles.visit}>
      <summary>
        <Outcome
          title={`Visit ${number}`}
          status={visit.status}
          durationMs={visit.duration_ms}
          facts={[
            at(visit.start, timeZone),
            ...placeOf(visit),
            attempts.length > 1 ? counted(attempts.length, 'attempt') : '',
          ]}
        />
      </summary>
      <ErrorText error={visit.error} message={visit.message} told={told.get(visit)} />
      <Payload name="Input" value={visit.input} />
      <Payload name="Output" value={visit.output} />
      <Attempts attempts={attempts} told={told} />
    </details>
  );
}

const at = (time: string | undefined, timeZone?: string) =>
  time ? dateTimeFormat(time, { timeZone, format: 'HH:mm:ss.SSS' }) : '';

const numbered = (what: string, number: number | undefined) => (number === undefined ? '' : `${what} ${number}`);

/** In which iteration of the Map and branch of the Parallel around it, and in which redrive if it was redriven. */
const placeOf = ({ iteration, branch, redrive_count }: Visit) => [
  numbered('iteration', iteration),
  numbered('branch', branch),
  numbered('redrive', redrive_count || undefined),
];
