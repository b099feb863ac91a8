import React from 'react';
import { useStyles2 } from '@grafana/ui';
import { shortArn } from '../asl/resource';
import { counted } from '../view/format';
import { ChildExecution } from './ChildExecution';
import { detailStyles } from './detailStyles';
import { ErrorText, Outcome } from './Outcome';
import { Attempt, Call, Invocation } from './stateDetails';
import { Told } from './told';

type AllTold = Map<object, Told>;

/** The attempts of a visit, the Lambda invocations behind them and what these called. */
export function Attempts({ attempts, told }: { attempts: Attempt[]; told: AllTold }) {
  return (
    <ul className={useStyles2(detailStyles).list}>
      {attempts.map((attempt, index) => (
        <AttemptPart key={attempt.span_id || index} attempt={attempt} told={told} />
      ))}
    </ul>
  );
}

const seconds = (name: string, value: number | undefined) => (value ? `${name} ${Number(value.toFixed(3))} s` : '');

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
      {attempt.child_execution && <ChildExecution arn={attempt.child_execution} />}
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
