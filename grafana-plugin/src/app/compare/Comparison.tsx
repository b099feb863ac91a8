import { LoadingPlaceholder } from '@grafana/ui';
import { css } from '@emotion/css';
import { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import React, { useMemo } from 'react';
import { SteptraceQuery } from '../../datasource/query';
import { readWorkflow, Workflow } from '../frame/workflow';
import { Answer, frameOf, useQuery } from '../source/useQuery';
import { Errors } from '../ui/Messages';
import { Section } from '../ui/Section';
import { toTimeRange } from '../url/timeRange';
import { ComparedTable } from './ComparedTable';
import { Inputs } from './Inputs';
import { Side } from './Side';
import { sentence } from './sentence';
import { compareStates, firstDivergence, largestDifference } from './states';

const range = toTimeRange({ from: 'now-24h', to: 'now' });

const queriesFor = (a: string, b: string): SteptraceQuery[] => [
  { refId: 'a', queryType: 'workflow', execution: a, live: true },
  { refId: 'b', queryType: 'workflow', execution: b, live: true },
];

function useWorkflow(answer: Answer, refId: string) {
  const frame = frameOf(answer, refId);
  return useMemo(() => readWorkflow(frame), [frame]);
}

export function Comparison({ a, b }: { a: string; b: string }) {
  const styles = useStyles2(getStyles);
  const queries = useMemo(() => queriesFor(a, b), [a, b]);
  const answer = useQuery(queries, range);
  const [left, right] = [useWorkflow(answer, 'a'), useWorkflow(answer, 'b')];
  const both = Boolean(left.execution && right.execution);
  return (
    <>
      <Errors title="Not both could be read" errors={answer.errors} retry={answer.retry} />
      {answer.loading && !both && <LoadingPlaceholder text="Reading both executions…" />}
      {both && <Verdict a={left} b={right} />}
      <div className={styles}>
        <Side name="A" execution={a} known={!answer.loading} found={left.execution} frame={frameOf(answer, 'a')} />
        <Side name="B" execution={b} known={!answer.loading} found={right.execution} frame={frameOf(answer, 'b')} />
      </div>
      {both && <Inputs a={a} b={b} />}
    </>
  );
}

function Verdict({ a, b }: { a: Workflow; b: Workflow }) {
  const rows = useMemo(() => compareStates(a, b), [a, b]);
  const divergence = firstDivergence(rows, a, b);
  return (
    <Section title="Differences">
      <p role="status">
        <strong>{sentence(divergence, largestDifference(rows))}</strong>
      </p>
      {a.execution?.machineArn !== b.execution?.machineArn && <p>They are of different state machines.</p>}
      {a.execution?.machineArn === b.execution?.machineArn && a.revisionId !== b.revisionId && (
        <p>They ran different revisions of the definition.</p>
      )}
      <ComparedTable rows={rows} divergence={divergence?.state} />
    </Section>
  );
}

const getStyles = (theme: GrafanaTheme2) =>
  css({
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 480px), 1fr))',
    gap: theme.spacing(3),
  });
