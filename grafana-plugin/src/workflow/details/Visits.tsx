import React, { useMemo, useState } from 'react';
import { dateTimeFormat } from '@grafana/data';
import { Button, useStyles2 } from '@grafana/ui';
import { shortArn } from '../asl/resource';
import { counted } from '../view/format';
import { detailStyles } from './detailStyles';
import { ErrorText, Outcome } from './Outcome';
import { Payload } from './Payload';
import { Attempt, Call, Invocation, Visit } from './stateDetails';
import { Told, toldOf } from './told';

const atFirst = 20;

/** The visits of a state, the latest first; within each its attempts, their Lambda invocations and what these called. */
export function Visits({ visits, timeZone }: { visits: Visit[]; timeZone?: string }) {
  const [all, setAll] = useState(false);
  const latest = visits.map((visit, at) => ({ visit, number: at + 1 })).reverse();
  const shown = all ? latest : latest.slice(0, atFirst);
  return (
    <>
      {shown.map(({ visit, number }, at) => (
        <VisitPart key={visit.span_id || number} visit={visit} number={number} open={at === 0} timeZone={timeZone} />
      ))}
      {shown.length < visits.length && (
        <Button size="sm" variant="secondary" onClick={() => setAll(true)}>
          Show all {visits.length} visits
        </Button>
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
          facts={[at(visit.start, timeZone), attempts.length > 1 ? counted(attempts.length, 'attempt') : '']}
        />
      </summary>
      <ErrorText error={visit.error} message={visit.message} told={told.get(visit)} />
      <Payload name="Input" value={visit.input} />
      <Payload name="Output" value={visit.output} />
      <ul className={styles.list}>
        {attempts.map((attempt, index) => (
          <AttemptPart key={attempt.span_id || index} attempt={attempt} told={told} />
        ))}
      </ul>
    </details>
  );
}

const at = (time: string | undefined, timeZone?: string) =>
  time ? dateTimeFormat(time, { timeZone, format: 'HH:mm:ss.SSS' }) : '';

const seconds = (name: string, value: number | undefined) => (value ? `${name} ${Number(value.toFixed(3))} s` : '');

type AllTold = Map<object, Told>;

function AttemptPart({ attempt, told }: { attempt: Attempt; told: AllTold }) {
  const styles = useStyles2(detailStyles);
  return (
    <li>
      <Outcome
        title={attempt.retry ? `Retry ${attempt.retry}` : 'Attempt'}
        status={attempt.status}
        durationMs={attempt.duration_ms}
        facts={[
          [attempt.resource_type, shortArn(attempt.resource ?? '')].filter(Boolean).join(':'),
          seconds('queued', attempt.queue_s),
          seconds('waited', attempt.backoff_s),
        ]}
      />
      <ErrorText error={attempt.error} message={attempt.message} told={told.get(attempt)} />
      <ul className={styles.list}>
        {(attempt.invocations ?? []).map((invocation, index) => (
          <InvocationPart key={invocation.span_id || index} invocation={invocation} told={told} />
        ))}
      </ul>
    </li>
  );
}

function InvocationPart({ invocation, told }: { invocation: Invocation; told: AllTold }) {
  const styles = useStyles2(detailStyles);
  const { join } = invocation;
  const guessed = join?.confidence !== undefined && join.confidence < 1;
  return (
    <li>
      <Outcome
        title={`λ ${invocation.function ?? 'Lambda function'}`}
        status={invocation.status}
        durationMs={invocation.duration_ms}
        facts={[
          invocation.cold_start ? 'cold start' : '',
          invocation.request_id ? `request ${invocation.request_id}` : '',
          guessed ? `joined by ${join.method ?? '?'}, ${Math.round(100 * join.confidence!)}% certain` : '',
        ]}
      />
      <ErrorText error={invocation.error} message={invocation.message} told={told.get(invocation)} />
      <ul className={styles.list}>
        {(invocation.calls ?? []).map((call, index) => (
          <CallPart key={call.span_id || index} call={call} told={told.get(call)} />
        ))}
      </ul>
    </li>
  );
}

function CallPart({ call, told }: { call: Call; told?: Told }) {
  return (
    <li>
      <Outcome
        title={[call.service, call.operation].filter(Boolean).join(' ') || 'AWS call'}
        status={call.status}
        durationMs={call.duration_ms}
        facts={[
          call.resource ?? '',
          call.http_status ? `HTTP ${call.http_status}` : '',
          call.retries ? counted(call.retries, 'retry', 'retries') : '',
        ]}
      />
      <ErrorText error={call.error} message={call.message} told={told} />
    </li>
  );
}
