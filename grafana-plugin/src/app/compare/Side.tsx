import React, { useMemo } from 'react';
import { formatDuration, formatTime } from '../format/format';
import { runOf } from '../drawing/runs';
import { Workflow } from '../drawing/Workflow';
import { Workflow as Answered } from '../frame/workflow';
import { Facts } from '../ui/Facts';
import { Link } from '../ui/Link';
import { Section } from '../ui/Section';
import { Status } from '../ui/Status';
import { executionPath } from '../url/paths';

interface Props {
  name: string;
  execution: string;
  workflow: Answered;
  /** Whether it has been answered what the store knows. */
  known: boolean;
}

/** One of two executions: what it is, and its workflow. */
export function Side({ name, execution, workflow, known }: Props) {
  const { execution: found, states, definition } = workflow;
  const runs = useMemo(() => states.map(runOf), [states]);
  return (
    <Section title={`Execution ${name}`}>
      {!found && known && <p>{`The store does not know ${execution}.`}</p>}
      {found && (
        <Facts
          facts={[
            [
              'Execution',
              <Link key="name" to={executionPath(found.arn)}>
                {found.name || found.arn}
              </Link>,
            ],
            ['Status', <Status key="status" status={found.status} />],
            ['State machine', found.machine],
            ['Start', formatTime(found.start)],
            ['Duration', found.end && found.start ? formatDuration(found.end - found.start) : ''],
            ['Error', found.error],
          ]}
        />
      )}
      {found && <Workflow definition={definition} states={runs} mode="execution" minimap={false} />}
    </Section>
  );
}
