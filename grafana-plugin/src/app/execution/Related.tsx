import React, { useMemo } from 'react';
import { TraceSpan } from '../frame/trace';
import { Execution } from '../frame/workflow';
import { Facts } from '../ui/Facts';
import { Link } from '../ui/Link';
import { statusWord } from '../ui/statusLook';
import { parseExecutionArn } from '../url/arn';
import { executionPath, pagePath } from '../url/paths';
import { ChildExecution, relatives } from './relatives';

interface Props {
  execution: Execution;
  spans: TraceSpan[];
}

// More children than these are told by their number; the waterfall has them all.
const shown = 20;

/** The executions that this one was started by, or started. Nothing where there are none. */
export function Related({ execution, spans }: Props) {
  const { parent, children, mapRuns } = useMemo(() => relatives(spans, execution.arn), [spans, execution.arn]);
  if (!parent && !execution.mapRun && children.length === 0 && mapRuns.length === 0) {
    return null;
  }
  const window = rangeOf(execution);
  return (
    <nav aria-label="Related executions">
      <Facts
        facts={[
          ['Started by', parent && <Link to={executionPath(parent)}>{parseExecutionArn(parent)?.name ?? parent}</Link>],
          [
            'Item of the Map Run',
            execution.mapRun && <MapRun arn={execution.mapRun} name="all its items" {...window} />,
          ],
          ['Started', children.length > 0 && <Children found={children} />],
          ...mapRuns.map(({ arn, state }): [string, React.ReactNode] => [
            `Items of ${state || 'the Map Run'}`,
            <MapRun key={arn} arn={arn} name="their executions" {...window} />,
          ]),
        ].filter((fact): fact is [string, React.ReactNode] => Boolean(fact[1]))}
      />
    </nav>
  );
}

const day = 86_400_000;

// The items of a run start while it runs: between this execution's start and end, whichever side of it this is on.
const rangeOf = ({ start, end }: Execution) => ({
  from: start === null ? 'now-7d' : String(start - day),
  to: end === null ? 'now' : String(end + day),
});

const MapRun = ({ arn, name, from, to }: { arn: string; name: string; from: string; to: string }) => (
  <Link to={pagePath('executions', { mapRun: arn, from, to })}>{name}</Link>
);

function Children({ found }: { found: ChildExecution[] }) {
  return (
    <ul style={{ listStyle: 'none' }}>
      {found.slice(0, shown).map(({ arn, name, state, status }) => (
        <li key={arn}>
          <Link to={executionPath(arn)}>{name}</Link>
          {state && ` in ${state}`}
          {status && `: ${statusWord(status)}`}
        </li>
      ))}
      {found.length > shown && <li>{`and ${found.length - shown} more`}</li>}
    </ul>
  );
}
