import { TimeRange } from '@grafana/data';
import { SteptraceDataSource } from '../datasource';
import { SteptraceQuery } from '../query';

/** What the parts of the query editor are given. */
export interface Form {
  query: SteptraceQuery;
  datasource: SteptraceDataSource;
  range?: TimeRange;
  /** Changes the query; `run` asks it, too. */
  change: (fields: Partial<SteptraceQuery>, run?: boolean) => void;
  /** Puts another query in its place, and asks it. */
  replace: (query: SteptraceQuery) => void;
  run: () => void;
}

/** The fields of a query that hold a T. */
export type FieldOf<T> = {
  [K in keyof SteptraceQuery]-?: SteptraceQuery[K] extends T | undefined ? K : never;
}[keyof SteptraceQuery];
