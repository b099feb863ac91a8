import React from 'react';
import { dateTimeFormat } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { failureShare, Mode, StateRun, tookMs } from '../states';
import { formatDuration, formatShare } from '../view/format';
import { statusText } from '../view/statusStyle';
import { detailStyles } from './detailStyles';
import { ErrorText } from './Outcome';

interface Props {
  run: StateRun;
  mode: Mode;
  timeZone?: string;
  /** Of the error: whether the visits tell it. */
  told: boolean;
}

type Fact = [name: string, value: string | number | undefined];

/** What the frame says of a state, before or without its details. */
export function Summary({ run, mode, timeZone, told }: Props) {
  const styles = useStyles2(detailStyles);
  const facts = (mode === 'aggregate' ? aggregateFacts(run) : executionFacts(run, timeZone)).filter(
    ([, value]) => value !== undefined && value !== 0
  );
  return (
    <>
      <dl className={styles.facts}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {mode === 'execution' && run.status !== 'SUCCEEDED' && !told && (
        <ErrorText error={run.error} message={run.message} />
      )}
      {run.errors && <Errors errors={run.errors} />}
    </>
  );
}

const duration = (ms: number | undefined) => (ms === undefined ? undefined : formatDuration(ms));

function executionFacts(run: StateRun, timeZone?: string): Fact[] {
  const time = (ms: number | undefined) => (ms === undefined ? undefined : dateTimeFormat(ms, { timeZone }));
  return [
    ['Status', statusText[run.status]],
    ['Duration', duration(tookMs(run))],
    ['Visits', run.visits],
    ['Attempts', run.attempts],
    ['Retries', run.retries],
    ['First start', time(run.firstStart)],
    ['Last end', time(run.lastEnd)],
  ];
}

function aggregateFacts(run: StateRun): Fact[] {
  return [
    ['Visits', run.visits || '0'],
    ['Failed', formatShare(failureShare(run))],
    ['Succeeded', run.succeeded],
    ['Caught', run.caught],
    ['Not caught', run.failed],
    ['Aborted', run.aborted],
    ['Attempts', run.attempts],
    ['Retries', run.retries],
    ['p50', duration(run.p50Ms)],
    ['p95', duration(run.p95Ms)],
    ['p99', duration(run.p99Ms)],
    ['Waiting', run.waitS && formatDuration(run.waitS * 1000)],
  ];
}

function Errors({ errors }: { errors: Record<string, number> }) {
  const styles = useStyles2(detailStyles);
  const most = Object.entries(errors).sort(([, a], [, b]) => b - a);
  if (most.length === 0) {
    return null;
  }
  return (
    <table className={styles.errors}>
      <thead>
        <tr>
          <th scope="col">Error</th>
          <th scope="col">Visits</th>
        </tr>
      </thead>
      <tbody>
        {most.slice(0, 20).map(([error, visits]) => (
          <tr key={error}>
            <td>{error}</td>
            <td>{visits}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
