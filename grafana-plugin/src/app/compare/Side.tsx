import { DataFrame } from '@grafana/data';
import React from 'react';
import { formatDuration, formatTime } from '../format/format';
import { Workflow } from '../frame/workflow';
import { Facts } from '../ui/Facts';
import { Link } from '../ui/Link';
import { Section } from '../ui/Section';
import { Status } from '../ui/Status';
import { executionPath } from '../url/paths';

interface Props {
  name: string;
  execution: string;
  workflow: Workflow;
  frame?: DataFrame;
  /** Whether it has been answered what the store knows. */
  known: boolean;
}

/** One of two executions: what it is, and its workflow. */
export function Side({ name, execution, workflow: { execution: found }, frame, known }: Props) {
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
      {found && frame && null}
    </Section>
  );
}
