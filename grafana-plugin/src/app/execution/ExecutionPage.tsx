import { PluginPage } from '@grafana/runtime';
import { Alert, LoadingPlaceholder } from '@grafana/ui';
import React from 'react';
import { Announcement, Errors } from '../ui/Messages';
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
  const { answer, frame, workflow, trace, spans, cost } = useExecution(execution);
  const of = workflow.execution;
  const unknown = !of && !answer.loading && (answer.notFound || answer.errors.length === 0);
  return (
    <>
      {!unknown && <Errors title="The execution could not be read" errors={answer.errors} retry={answer.retry} />}
      <Announcement>{of ? statusWord(of.status) : ''}</Announcement>
      {answer.loading && !of && <LoadingPlaceholder text="Reading the execution…" />}
      {unknown && <Unknown execution={execution} />}
      {of && (
        <>
          <Header execution={of} cost={cost} />
          <WentWrong execution={of} states={workflow.states} spans={spans} />
          <Related execution={of} spans={spans} />
        </>
      )}
      {of && frame && <StatesPart execution={of.arn} frame={frame} />}
      {of && <Waterfall frame={trace.frame} answer={trace.answer} retry={trace.answer.retry} />}
      {of && <Events execution={of.arn} />}
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
