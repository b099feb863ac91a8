import { DataFrame } from '@grafana/data';
import React, { useMemo } from 'react';
import { readWorkflow } from '../frame/workflow';
import { Section } from '../ui/Section';
import { StatesTable } from './StatesTable';
export function StatesPart({ execution, frame }: { execution: string; frame: DataFrame }) {
  const { states } = useMemo(() => readWorkflow(frame), [frame]);
  return (
    <Section title="Workflow">
      <StatesTable execution={execution} states={states} />
    </Section>
  );
}
