import { DataFrame } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import React, { useMemo } from 'react';
import { formatDuration, formatTime } from '../format/format';
import { fromFrame } from '../../workflow/fromFrame';
import { Workflow } from '../drawing/Workflow';
import { Execution } from '../frame/workflow';
import { Facts } from '../ui/Facts';
import { Link } from '../ui/Link';
import { Section } from '../ui/Section';
import { Status } from '../ui/Status';
import { executionPath } from '../url/paths';

interface Props {
  name: string;
  execution: string;
  /** Null where the store does not know it, or not yet. */
  found: Execution | null;
  frame?: DataFrame;
  /** Whether it has been answered what the store knows. */
  known: boolean;
}

/** One of two executions: what it is, and its workflow. */
export function Side({ name, execution, found, frame, known }: Props) {
  const data = useMemo(() => frame && fromFrame(frame), [frame]);
  const open = (state?: string) => found && state && locationService.push(executionPath(found.arn, state));
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
      {found && data && <Workflow data={data} minimap={false} onSelect={open} />}
    </Section>
  );
}
