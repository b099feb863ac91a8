import { useCallback } from 'react';
import { TimeRange } from '@grafana/data';
import { SteptraceDataSource } from '../../datasource';
import { useOptions } from './useOptions';

/** The state machines of a range, and the dashboard's variables, as options. */
export function useMachines(datasource: SteptraceDataSource, range?: TimeRange) {
  const ask = useCallback(async () => {
    const machines = await datasource.values({ of: 'machines', range });
    return [...machines.map(({ text, value }) => ({ label: text, value })), ...datasource.variableOptions()];
  }, [datasource, range]);
  return useOptions(ask);
}
