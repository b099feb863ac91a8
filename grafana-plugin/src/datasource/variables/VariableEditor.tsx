import React from 'react';
import { QueryEditorProps, SelectableValue } from '@grafana/data';
import { InlineFieldRow, MultiSelect, Select } from '@grafana/ui';
import { SteptraceDataSource } from '../datasource';
import { Labelled } from '../editor/fields/Labelled';
import { useMachines } from '../editor/fields/useMachines';
import { SteptraceOptions, SteptraceQuery } from '../query';
import { SteptraceVariableQuery, variableQueryOf } from './query';

type Props = QueryEditorProps<SteptraceDataSource, SteptraceQuery, SteptraceOptions, SteptraceVariableQuery>;

const kinds: Array<SelectableValue<SteptraceVariableQuery['of']>> = [
  { value: 'machines', label: 'State machines' },
  { value: 'states', label: 'States' },
  { value: 'functions', label: 'Lambda functions' },
  { value: 'errors', label: 'Errors' },
  { value: 'statuses', label: 'Statuses of executions' },
  { value: 'services', label: 'AWS services' },
  { value: 'operations', label: 'AWS operations' },
  { value: 'executions', label: 'Executions', description: 'The newest 100 of the range' },
];

// What the backend tells of single state machines.
const narrowed: Array<SteptraceVariableQuery['of']> = [
  'states',
  'functions',
  'errors',
  'services',
  'operations',
  'executions',
];

/** The editor of a dashboard's variable. */
export function VariableEditor({ query: written, datasource, range, onChange }: Props) {
  const query = variableQueryOf(written);
  const machines = useMachines(datasource, range);
  return (
    <InlineFieldRow>
      <Labelled label="Values of">
        {(id) => (
          <Select
            inputId={id}
            aria-label="Values of"
            width={28}
            options={kinds}
            value={query.of}
            onChange={({ value }) => onChange(variableQueryOf({ ...query, of: value }))}
          />
        )}
      </Labelled>
      {narrowed.includes(query.of) && (
        <Labelled
          label="State machines"
          help="Only what belongs to these; a variable such as $machine makes this variable follow it"
          error={machines.error}
        >
          {(id) => (
            <MultiSelect
              inputId={id}
              aria-label="State machines"
              width={28}
              isClearable
              allowCustomValue
              placeholder="All"
              isLoading={machines.loading}
              options={machines.options}
              value={(query.stateMachines ?? []).map((value) => ({ label: value, value }))}
              onOpenMenu={machines.load}
              onChange={(chosen) => onChange({ ...query, stateMachines: chosen.map((c) => c.value ?? '') })}
            />
          )}
        </Labelled>
      )}
    </InlineFieldRow>
  );
}
