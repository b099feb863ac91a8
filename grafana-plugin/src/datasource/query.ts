import { DataQuery } from '@grafana/schema';
import { DataSourceJsonData } from '@grafana/data';

// The query of the data source and its parts: docs/grafana-data.md describes them, backend/query reads them.

export type QueryType =
  | 'executions'
  | 'trace'
  | 'workflow'
  | 'states'
  | 'events'
  | 'failures'
  | 'calls'
  | 'functions'
  | 'map_runs'
  | 'cost'
  | 'machines'
  | 'sql';

export type Format = 'table' | 'time_series' | 'numeric';

export interface SteptraceQuery extends DataQuery {
  queryType: QueryType;
  format?: Format;
  metric?: string;
  execution?: string;
  stateMachines?: string[];
  states?: string[];
  statuses?: string[];
  errors?: string[];
  name?: string;
  text?: string;
  failedState?: string;
  minDuration?: string;
  maxDuration?: string;
  mapRun?: string;
  kind?: '' | 'state' | 'execution';
  caught?: boolean;
  eventTypes?: string[];
  state?: string;
  aggregate?: boolean;
  services?: string[];
  operations?: string[];
  callers?: string[];
  resource?: string;
  failedOnly?: boolean;
  slowest?: boolean;
  by?: '' | 'machine' | 'state' | 'execution';
  architecture?: '' | 'x86_64' | 'arm64';
  step?: string;
  limit?: number;
  rawSql?: string;
  live?: boolean;
  exemplars?: boolean;
}

export interface SteptraceOptions extends DataSourceJsonData {
  /** Empty is `default`. */
  database?: string;
  /** Empty is `default`. */
  username?: string;
  /** The secret `tlsCACert` signs the server's certificate. */
  tlsAuthWithCACert?: boolean;
  tlsSkipVerify?: boolean;
}

export interface SteptraceSecrets {
  password?: string;
  /** PEM. */
  tlsCACert?: string;
}
