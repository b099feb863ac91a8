import { DataSourcePlugin } from '@grafana/data';
import { ConfigEditor } from './config/ConfigEditor';
import { SteptraceDataSource } from './datasource';
import { QueryEditor } from './editor/QueryEditor';
import { SteptraceOptions, SteptraceQuery, SteptraceSecrets } from './query';

export const plugin = new DataSourcePlugin<SteptraceDataSource, SteptraceQuery, SteptraceOptions, SteptraceSecrets>(
  SteptraceDataSource
)
  .setConfigEditor(ConfigEditor)
  .setQueryEditor(QueryEditor);
