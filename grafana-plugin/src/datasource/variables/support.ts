import { CustomVariableSupport, dateTimeFormat, DataQueryRequest, DataQueryResponse, FieldType } from '@grafana/data';
import { ScopedVars, TimeRange, toDataFrame } from '@grafana/data';
import { from, map, Observable } from 'rxjs';
import { Value } from '../answers';
import { SteptraceDataSource } from '../datasource';
import { FoundExecution } from '../executions';
import { SteptraceVariableQuery, variableQueryOf } from './query';
import { VariableEditor } from './VariableEditor';

/** Values of the store as values of a dashboard's variable. */
export class VariableSupport extends CustomVariableSupport<SteptraceDataSource, SteptraceVariableQuery> {
  override editor = VariableEditor;

  constructor(private readonly datasource: SteptraceDataSource) {
    super();
    this.query = this.query.bind(this); // Grafana calls it without its object
  }

  override query(request: DataQueryRequest<SteptraceVariableQuery>): Observable<DataQueryResponse> {
    const query = variableQueryOf(request.targets[0]);
    return from(this.values(query, request.range, request.scopedVars)).pipe(
      map((values) => ({ data: [frame(values)] }))
    );
  }

  private async values(query: SteptraceVariableQuery, range: TimeRange, scopedVars: ScopedVars): Promise<Value[]> {
    const { of, stateMachines } = query;
    if (of !== 'executions') {
      return this.datasource.values({ of, machines: stateMachines, range }, scopedVars);
    }
    return (await this.datasource.executions({ stateMachines, limit: 100 }, range, scopedVars)).map(valueOf);
  }
}

const valueOf = ({ arn, name, status, start }: FoundExecution): Value => ({
  text: `${name} · ${status} · ${dateTimeFormat(start)}`,
  value: arn,
});

const frame = (values: Value[]) =>
  toDataFrame({
    fields: [
      { name: 'text', type: FieldType.string, values: values.map((v) => v.text) },
      { name: 'value', type: FieldType.string, values: values.map((v) => v.value) },
    ],
  });
