import { PluginPage } from '@grafana/runtime';
import { Alert, LoadingPlaceholder } from '@grafana/ui';
import React, { useMemo } from 'react';
import { Summary, Errors } from '../ui/Messages';
import { statusWord } from '../ui/statusLook';
import { parseExecutionArn } from '../url/arn';
import { pagePath } from '../url/paths';
import { useSearch } from '../url/useSearch';
import { Choose } from './Choose';
import { Events } from './Events';
import { Header } from './Header';
import { Related } from './Related';
import { StatesPart } from './StatesPart';
import { useExecution } from './useExecution';
import { Waterfall } from './Waterfall';
import { WentWrong } from './WentWrong';

/** One execution: the address names it by its ARN, its trace id or `latest`. */
export function ExecutionPage() {
  const params = new URLSearchParams(useSearch());
  const execution = params.get('execution')?.trim() ?? '';
  const name = parseExecutionArn(execution)?.name ?? (execution || 'Execution');
  const pageNav = { text: name, parentItem: { text: 'Executions', url: pagePath('executions') } };
  return (
    <PluginPage pageNav={pageNav}>
      {execution ? <Execution key={execution} execution={execution} /> : <Choose />}
    </PluginPage>
  );
}

function Execution({ execution }: { execution: string }) {
  const found = useExecution(execution);
  const { workflow, trace, spans, answer, cost } = found;
  const of = workflow.execution;
  const arn = of?.arn || (parseExecutionArn(execution) ? execution : undefined);
  const known = useMemo(() => (of && { ...of, start: of.start }) ?? null, [of]);
  return (
    <>
      <Errors title="The execution could not be read" errors={answer.errors} retry={answer.retry} />
      <Summary>{of ? `${statusWord(of.status)}.` : ''}</Summary>
      {answer.loading && !of && <LoadingPlaceholder text="Reading the execution…" />}
      {!answer.loading && !of && answer.errors.length === 0 && <Unknown execution={execution} />}
      {known && <Header execution={known} cost={cost} />}
      {known && <WentWrong execution={known} states={workflow.states} spans={spans} />}
      {known && arn && <Related execution={known} spans={spans} />}
      {found.workflowFrame && <StatesPart execution={arn ?? execution} frame={found.workflowFrame} />}
      {trace && <Waterfall frame={trace} answer={answer} />}
      {known && <Events execution={arn ?? execution} />}
    </>
  );
}

function Unknown({ execution }: { execution: string }) {
  return (
    <Alert severity="warning" title="The store does not know this execution">
      {execution} is older than what the store keeps, was not sent to it, or is written otherwise.
    </Alert>
  );
}
