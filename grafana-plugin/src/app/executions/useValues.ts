import { SelectableValue, TimeRange } from '@grafana/data';
import { useCallback, useMemo } from 'react';
import { ValuesOf } from '../../datasource/resources';
import { useSource } from '../source/SourceContext';
import { useLoaded } from '../source/useLoaded';

type Options = Array<SelectableValue<string>>;

function useOptions(of: ValuesOf, machines: string[], range: TimeRange): Options {
  const { resources } = useSource();
  const load = useCallback(() => resources.values({ of, machines, range }), [resources, of, machines, range]);
  // Without an answer there is nothing to choose from, but everything can still be typed.
  const { value } = useLoaded(load);
  return useMemo(() => (value ?? []).map(({ text, value: said }) => ({ label: text, value: said })), [value]);
}

const all: string[] = [];

/** What can be chosen of in the filters. */
export function useValues(machines: string[], range: TimeRange) {
  const key = JSON.stringify(machines);
  const those: string[] = useMemo(() => JSON.parse(key), [key]);
  return {
    machines: useOptions('machines', all, range),
    states: useOptions('states', those, range),
    errors: useOptions('errors', those, range),
  };
}
