import { DataSourceInstanceSettings } from '@grafana/data';
import { DataSourceWithBackend } from '@grafana/runtime';
import { SteptraceOptions, SteptraceQuery } from './query';

export class SteptraceDataSource extends DataSourceWithBackend<SteptraceQuery, SteptraceOptions> {
  constructor(settings: DataSourceInstanceSettings<SteptraceOptions>) {
    super(settings);
  }
}
