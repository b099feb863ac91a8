import { TimeRange } from '@grafana/data';
import { PluginPage } from '@grafana/runtime';
import { Alert, LinkButton, LoadingPlaceholder } from '@grafana/ui';
import React, { useMemo } from 'react';
import { SteptraceQuery } from '../../datasource/query';
import { readCosts, readMachines, readStatistics } from '../frame/machines';
import { frameOf, useQuery } from '../source/useQuery';
import { Link } from '../ui/Link';
import { Errors } from '../ui/Messages';
import { RangePicker } from '../ui/RangePicker';
import { href, pagePath } from '../url/paths';
import { UrlRange } from '../url/timeRange';
import { useRange } from '../url/useRange';
import { useSearch } from '../url/useSearch';
import { HeatPart } from './HeatPart';
import { MachineFacts } from './MachineFacts';
import { Recent } from './Recent';
import { Revisions } from './Revisions';
import { Statistics } from './Statistics';

/** One state machine over a range; the address names it by its ARN. */
export function MachinePage() {
  const machine = new URLSearchParams(useSearch()).get('machine')?.trim() ?? '';
  const { range, url, setRange } = useRange();
  const name = machine.split(':').pop() || 'State machine';
  const executions = pagePath('executions', { machine, ...url });
  return (
    <PluginPage
      pageNav={{ text: name, parentItem: { text: 'State machines', url: pagePath('machines') } }}
      actions={
        <>
          <RangePicker range={range} onChange={setRange} />
          <LinkButton variant="secondary" icon="list-ul" href={href(executions)}>
            All executions
          </LinkButton>
        </>
      }
    >
      {machine ? <Machine key={machine} machine={machine} range={range} url={url} /> : <NoMachine />}
    </PluginPage>
  );
}

function queriesFor(machine: string): SteptraceQuery[] {
  const stateMachines = [machine];
  return [
    { refId: 'machine', queryType: 'machines', stateMachines },
    { refId: 'workflow', queryType: 'workflow', aggregate: true, stateMachines },
    { refId: 'states', queryType: 'states', format: 'table', stateMachines },
    { refId: 'cost', queryType: 'cost', format: 'table', by: 'state', stateMachines },
  ];
}

interface Props {
  machine: string;
  range: TimeRange;
  url: UrlRange;
}

function Machine({ machine, range, url }: Props) {
  const queries = useMemo(() => queriesFor(machine), [machine]);
  const answer = useQuery(queries, range);
  const [found, workflow, states, cost] = queries.map(({ refId }) => frameOf(answer, refId));
  const [row] = useMemo(() => readMachines(found), [found]);
  const statistics = useMemo(() => readStatistics(states), [states]);
  const costs = useMemo(() => readCosts(cost), [cost]);
  return (
    <>
      <Errors title="Not all of the state machine could be read" errors={answer.errors} retry={answer.retry} />
      {answer.loading && !found && <LoadingPlaceholder text="Reading the state machine…" />}
      <MachineFacts arn={machine} row={row} costs={costs} costFrame={cost} />
      {workflow && <HeatPart frame={workflow} machine={machine} range={url} />}
      <Recent machine={machine} range={range} />
      {states && <Statistics machine={machine} range={url} rows={statistics} costs={costs} costFrame={cost} />}
      <Revisions machine={machine} />
    </>
  );
}

function NoMachine() {
  return (
    <Alert severity="info" title="Which state machine?">
      Choose one from the <Link to={pagePath('machines')}>state machines</Link>.
    </Alert>
  );
}
