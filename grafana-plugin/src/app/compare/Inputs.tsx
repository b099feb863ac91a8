import { LoadingPlaceholder } from '@grafana/ui';
import React, { useMemo } from 'react';
import { SteptraceQuery } from '../../datasource/query';
import { HistoryEvent, readEvents } from '../frame/events';
import { Answer, frameOf, useQuery } from '../source/useQuery';
import { Errors } from '../ui/Messages';
import { Section } from '../ui/Section';
import { TextDiff } from '../ui/TextDiff';
import { toTimeRange } from '../url/timeRange';
import { inputIn } from './input';

const range = toTimeRange({ from: 'now-24h', to: 'now' });

const queriesFor = (...executions: string[]): SteptraceQuery[] =>
  executions.map((execution, index) => ({
    refId: `input${index}`,
    queryType: 'events',
    execution,
    eventTypes: ['ExecutionStarted'],
    limit: 1,
  }));

/** What the inputs of two executions differ in. */
export function Inputs({ a, b }: { a: string; b: string }) {
  const queries = useMemo(() => queriesFor(a, b), [a, b]);
  const answer = useQuery(queries, range);
  const [left, right] = [inputOf(answer, 'input0'), inputOf(answer, 'input1')];
  return (
    <Section title="Inputs">
      <Errors title="The inputs could not be read" errors={answer.errors} retry={answer.retry} />
      {answer.loading && <LoadingPlaceholder text="Reading the inputs…" />}
      {!answer.loading && answer.errors.length === 0 && <Difference left={left} right={right} />}
    </Section>
  );
}

function Difference({ left, right }: { left?: string; right?: string }) {
  if (left === undefined || right === undefined) {
    const side = left === undefined && right === undefined ? 'either' : left === undefined ? 'A' : 'B';
    return <p>{`The store has no input of ${side}: payloads may be left out, or the history dropped.`}</p>;
  }
  return <TextDiff name="inputs" before={left} after={right} />;
}

function inputOf(answer: Answer, refId: string): string | undefined {
  const [started]: HistoryEvent[] = readEvents(frameOf(answer, refId));
  return started && inputIn(started.payload);
}
