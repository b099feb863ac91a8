import { css } from '@emotion/css';
import { Alert } from '@grafana/ui';
import React from 'react';
import { readCause } from '../format/cause';
import { TraceSpan } from '../frame/trace';
import { Execution, StateRow } from '../frame/workflow';
import { Facts } from '../ui/Facts';
import { Link } from '../ui/Link';
import { executionPath } from '../url/paths';
import { Diagnosis, diagnose } from './diagnosis';
import { headline } from './headline';

interface Props {
  execution: Execution;
  states: StateRow[];
  spans: TraceSpan[];
}

/** Names what an execution failed in. Nothing for one that did not. */
export function WentWrong({ execution, states, spans }: Props) {
  const found = diagnose(execution, states, spans);
  if (!found) {
    return null;
  }
  return (
    <Alert severity={found.status === 'ABORTED' ? 'warning' : 'error'} title={headline(found)}>
      <Details found={found} execution={execution.arn} />
    </Alert>
  );
}

// A long one scrolls, so that it does not push the workflow out of sight.
const messageStyle = css({ maxHeight: '18em', overflow: 'auto', overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' });

function Details({ found, execution }: { found: Diagnosis; execution: string }) {
  const { message, type, stack } = readCause(found.message);
  const { state, attempt, invocation, call } = found;
  const at = found.within ?? execution;
  return (
    <>
      {message && (
        <p className={messageStyle} tabIndex={0} role="group" aria-label="Message">
          {message.slice(0, 4000)}
        </p>
      )}
      <Facts
        facts={[
          ['State', state && <Link to={executionPath(at, state)}>{state}</Link>],
          ['In the child execution', found.within && <Link to={executionPath(found.within)}>{found.within}</Link>],
          ['Child execution', found.child && <Link to={executionPath(found.child)}>{found.child}</Link>],
          ['Attempt', attempt && `${attempt.number} of ${attempt.of}: ${attempt.called}`],
          ['Lambda', invocation && `${invocation.function}${invocation.timedOut ? ', ran out of time' : ''}`],
          ['Request id', invocation?.requestId],
          ['AWS call', call && callText(call)],
          ['Exception', type],
        ]}
      />
      {stack && (
        <details>
          <summary>Stack</summary>
          <pre>{stack.slice(0, 20_000)}</pre>
        </details>
      )}
    </>
  );
}

function callText({ service, operation, resource, httpStatus }: NonNullable<Diagnosis['call']>): string {
  const answered = httpStatus ? `, answered ${httpStatus}` : '';
  return `${service} ${operation}${resource ? ` on ${resource}` : ''}${answered}`;
}
