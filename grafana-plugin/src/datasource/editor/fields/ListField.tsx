import React, { useCallback } from 'react';
import { SelectableValue } from '@grafana/data';
import { MultiSelect } from '@grafana/ui';
import { SteptraceQuery } from '../../query';
import { ValuesOf } from '../../resources';
import { FieldOf, Form } from '../form';
import { Labelled } from './Labelled';
import { useOptions } from './useOptions';

interface Props {
  form: Form;
  field: FieldOf<string[]>;
  /** What the store has of it; nothing where the list is only written. */
  of?: ValuesOf;
  label: string;
  help?: string;
  placeholder?: string;
}

/** Several values: chosen out of what the store has, variables, or written. */
export function ListField({ form, field, of, label, help, placeholder = 'All' }: Props) {
  const { query, datasource, range, change } = form;
  const chosen = (query[field] as string[] | undefined) ?? [];
  const machines = field === 'stateMachines' ? undefined : query.stateMachines;
  const ask = useCallback(async () => {
    const values = of ? await datasource.values({ of, machines, range }) : [];
    return [...values.map(({ text, value }) => ({ label: text, value })), ...datasource.variableOptions()];
  }, [datasource, of, machines, range]);
  const { options, loading, error, load } = useOptions(ask);
  return (
    <Labelled label={label} help={help} error={error}>
      {(id) => (
        <MultiSelect
          inputId={id}
          aria-label={label}
          width={28}
          isClearable
          allowCustomValue
          placeholder={placeholder}
          isLoading={loading}
          options={options}
          value={chosen.map((value) => options.find((o) => o.value === value) ?? { label: value, value })}
          onOpenMenu={load}
          onChange={(values: Array<SelectableValue<string>>) =>
            change({ [field]: values.map((v) => v.value) } as Partial<SteptraceQuery>, true)
          }
        />
      )}
    </Labelled>
  );
}
