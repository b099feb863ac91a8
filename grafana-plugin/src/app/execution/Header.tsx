import { ClipboardButton, LinkButton } from '@grafana/ui';
import { css } from '@emotion/css';
import { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import React from 'react';
import { Cost } from '../../datasource/answers';
import { formatCost, formatDuration, formatTime, plural } from '../format/format';
import { Execution } from '../frame/workflow';
import { useSource } from '../source/SourceContext';
import { Facts } from '../ui/Facts';
import { ExternalLink, Link } from '../ui/Link';
import { Status } from '../ui/Status';
import { consoleUrl } from '../url/arn';
import { explorePath } from '../url/explore';
import { comparePath, href, machinePath } from '../url/paths';
import { useElapsed } from './useElapsed';

interface Props {
  execution: Execution;
  cost: { value: Cost | null; error?: string };
}

/** What an execution is, and where else it can be seen. */
export function Header({ execution, cost }: Props) {
  const styles = useStyles2(getStyles);
  const duration = useElapsed(execution);
  const machine = execution.machineArn ? (
    <Link to={machinePath(execution.machineArn)}>{execution.machine || execution.machineArn}</Link>
  ) : (
    execution.machine
  );
  return (
    <>
      <Facts
        facts={[
          ['Status', <Status key="status" status={execution.status} />],
          ['State machine', machine],
          ['Start', formatTime(execution.start)],
          [execution.end === null ? 'Running for' : 'Duration', formatDuration(duration)],
          ['Redrives', execution.redrives || ''],
          ['Cost', cost.error ? `unknown: ${cost.error}` : costText(cost.value)],
          ['ARN', <Copied key="arn" name="ARN" value={execution.arn} />],
          ['Trace id', <Copied key="trace" name="trace id" value={execution.traceId} />],
        ]}
      />
      <div className={styles}>
        <Elsewhere execution={execution} />
      </div>
    </>
  );
}

function Elsewhere({ execution }: { execution: Execution }) {
  const { uid } = useSource();
  const range = aroundExecution(execution);
  const explore = explorePath(uid, { queryType: 'trace', execution: execution.arn }, range);
  const aws = consoleUrl(execution.arn, execution.start ?? undefined);
  return (
    <>
      <LinkButton size="sm" variant="secondary" icon="compass" href={href(explore)}>
        Open in Explore
      </LinkButton>
      <LinkButton size="sm" variant="secondary" icon="exchange-alt" href={href(comparePath(execution.arn))}>
        Compare with another
      </LinkButton>
      {aws && <ExternalLink to={aws}>Open in the AWS console</ExternalLink>}
    </>
  );
}

const minute = 60_000;

const aroundExecution = ({ start, end }: Execution) => ({
  from: start === null ? 'now-24h' : String(start - minute),
  to: end === null ? 'now' : String(end + minute),
});

// By states it does not say what of the cost it is; zero transitions are those of an Express workflow.
function costText(cost: Cost | null): string {
  if (!cost) {
    return '';
  }
  const parts = [
    cost.transitions > 0 && plural(cost.transitions, 'transition'),
    cost.invocations > 0 && plural(cost.invocations, 'Lambda invocation'),
  ].filter(Boolean);
  return `${formatCost(cost.total_cost)}${parts.length > 0 ? ` (${parts.join(', ')})` : ''}`;
}

function Copied({ name, value }: { name: string; value: string }) {
  return value ? (
    <>
      <code>{value}</code>
      <ClipboardButton size="sm" fill="text" variant="secondary" icon="copy" getText={() => value}>
        {`Copy ${name}`}
      </ClipboardButton>
    </>
  ) : null;
}

const getStyles = (theme: GrafanaTheme2) =>
  css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(1),
    marginBottom: theme.spacing(3),
  });
