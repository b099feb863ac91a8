import React, { useEffect, useMemo, useState } from 'react';
import { dateTimeFormat, SelectableValue } from '@grafana/data';
import { AsyncSelect } from '@grafana/ui';
import { debounce } from 'lodash';
import { FoundExecution } from '../../executions';
import { Form } from '../form';
import { Labelled } from './Labelled';

type Options = Array<SelectableValue<string>>;

const latest = { label: 'latest', value: 'latest', description: 'Whichever started last' };
const searchMs = 300;

const optionOf = ({ arn, name, stateMachine, status, start }: FoundExecution): SelectableValue<string> => ({
  label: name,
  value: arn,
  description: `${stateMachine} · ${status} · ${dateTimeFormat(start)}`,
});

/** One execution: searched by a part of its ARN, or written as ARN or trace id. */
export function ExecutionField({ form: { query, datasource, range, change } }: { form: Form }) {
  const [error, setError] = useState<string>();
  const search = useMemo(
    () =>
      debounce(
        (name: string, settle: (options: Options) => void) => {
          const common = [latest, ...datasource.variableOptions()].filter((o) => o.value.includes(name));
          datasource.executions({ name: name || undefined, limit: 50 }, range).then(
            (found) => {
              setError(undefined);
              settle([...common, ...found.map(optionOf)]);
            },
            (err: Error) => {
              setError(err.message);
              settle(common);
            }
          );
        },
        searchMs,
        { leading: true }
      ),
    [datasource, range]
  );
  useEffect(() => search.cancel, [search]);
  return (
    <Labelled label="Execution" help="Its ARN, its trace id, or latest" error={error}>
      {(id) => (
        <AsyncSelect
          inputId={id}
          aria-label="Execution"
          width={64}
          defaultOptions
          allowCustomValue
          isClearable
          placeholder="Search, or write an ARN or a trace id"
          loadOptions={(name: string, settle?: (options: Options) => void) => settle && search(name, settle)}
          value={query.execution ? { label: query.execution, value: query.execution } : null}
          onChange={(chosen: SelectableValue<string> | null) => change({ execution: chosen?.value }, true)}
        />
      )}
    </Labelled>
  );
}
