import { TimeRange } from '@grafana/data';
import { LoadingPlaceholder } from '@grafana/ui';
import React, { useMemo } from 'react';
import { SteptraceQuery } from '../../datasource/query';
import { executionColumns } from '../executions/columns';
import { useExecutions } from '../executions/useExecutions';
import { DataTable } from '../ui/DataTable';
import { Errors } from '../ui/Messages';
import { Section } from '../ui/Section';

const limit = 10;
const columns = executionColumns.filter(({ id }) => id !== 'state_machine');

/** The executions of a state machine that started last, as they come. */
export function Recent({ machine, range }: { machine: string; range: TimeRange }) {
  const query: SteptraceQuery = useMemo(
    () => ({
      refId: 'executions',
      queryType: 'executions',
      format: 'table',
      stateMachines: [machine],
      limit,
      live: true,
    }),
    [machine]
  );
  const { rows, answered, errors, loading, retry } = useExecutions(query, range);
  return (
    <Section title="Recent executions">
      <Errors title="The executions could not be read" errors={errors} retry={retry} />
      {loading && !answered && <LoadingPlaceholder text="Reading the executions…" />}
      {answered && !loading && rows.length === 0 && <p>No execution started in this time.</p>}
      {rows.length > 0 && (
        <DataTable
          name="Executions that started last"
          columns={columns}
          data={rows}
          rowId={(r) => r.execution_arn}
          busy={loading}
        />
      )}
    </Section>
  );
}
