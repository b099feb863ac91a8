import {
  CoreApp,
  DataQueryRequest,
  DataQueryResponse,
  DataSourceInstanceSettings,
  ScopedVars,
  TimeRange,
} from '@grafana/data';
import { config, DataSourceWithBackend, getGrafanaLiveSrv, getTemplateSrv, TemplateSrv } from '@grafana/runtime';
import { map, Observable, of } from 'rxjs';
import { missing, needsExecution, needsMachine } from './complete';
import { Value } from './answers';
import { defaultQuery } from './defaults';
import { displayText } from './display';
import { withExemplarQueries } from './exemplars/queries';
import { withExemplars } from './exemplars/response';
import { findExecutions, FoundExecution, lastDay, Search } from './executions';
import { interpolate } from './interpolation/query';
import { expandList } from './interpolation/list';
import { isLive, liveQuery } from './live/query';
import { withLinks } from './trace/links';
import { tracesOf } from './live/traces';
import { SteptraceOptions, SteptraceQuery } from './query';
import { annotationSupport } from './annotations/support';
import { VariableSupport } from './variables/support';
import { Resources, ValuesQuery } from './resources';

/** The front end of the data source: the backend answers, this fills in variables and asks live queries again. */
export class SteptraceDataSource extends DataSourceWithBackend<SteptraceQuery, SteptraceOptions> {
  readonly resources = new Resources((path, params, options) => this.getResource(path, params, options));

  constructor(
    settings: DataSourceInstanceSettings<SteptraceOptions>,
    private readonly templates: TemplateSrv = getTemplateSrv()
  ) {
    super(settings);
    this.variables = new VariableSupport(this);
    this.annotations = annotationSupport;
  }

  override query(request: DataQueryRequest<SteptraceQuery>): Observable<DataQueryResponse> {
    const targets = request.targets.filter((q) => !q.hide && this.filterQuery(q) && this.named(q, request));
    if (targets.length === 0) {
      return of({ data: [] });
    }
    const complete = { ...request, targets };
    const live =
      !(config as { publicDashboardAccessToken?: string }).publicDashboardAccessToken &&
      targets.some((q) => isLive(q, request.app));
    return live ? this.queryLive(complete) : this.ask(complete);
  }

  private ask(request: DataQueryRequest<SteptraceQuery>): Observable<DataQueryResponse> {
    const source = { uid: this.uid, name: this.name, type: this.type, appSubUrl: config.appSubUrl };
    return super.query(withExemplarQueries(request)).pipe(
      map((answer) => withExemplars(answer, request, source)),
      map((answer) => ({ ...answer, data: answer.data.map((frame) => withLinks(frame, source)) }))
    );
  }

  // A variable may have no execution, or state machine, to name (yet): nothing to ask, and no error.
  private named(query: SteptraceQuery, { scopedVars }: DataQueryRequest<SteptraceQuery>): boolean {
    const { execution, stateMachines } = this.applyTemplateVariables(query, scopedVars);
    return (!needsExecution(query) || execution !== undefined) && (!needsMachine(query) || stateMachines !== undefined);
  }

  private queryLive(request: DataQueryRequest<SteptraceQuery>): Observable<DataQueryResponse> {
    const source = {
      uid: this.uid,
      live: getGrafanaLiveSrv(),
      ask: (r: DataQueryRequest<SteptraceQuery>) => this.ask(r),
      traces: (queries: SteptraceQuery[]) =>
        tracesOf(
          queries.map((q) => this.applyTemplateVariables(q, request.scopedVars)),
          async (arn) => (await this.resources.execution(arn)).trace_id
        ),
    };
    return liveQuery(source, request);
  }

  /** Values to choose, of state machines that may be named by variables. */
  values({ machines = [], ...query }: ValuesQuery, scopedVars: ScopedVars = {}): Promise<Value[]> {
    return this.resources.values({ ...query, machines: expandList(this.templates, machines, scopedVars) });
  }

  /** The executions that a search finds, newest first; without a range those of the last day. */
  executions(search: Search, range: TimeRange = lastDay(), scopedVars: ScopedVars = {}): Promise<FoundExecution[]> {
    return findExecutions((request) => super.query(request), search, range, scopedVars);
  }

  /** The dashboard's variables, as what can stand in a field. */
  variableOptions(): Array<{ label: string; value: string }> {
    return this.templates.getVariables().map(({ name }) => ({ label: `$${name}`, value: `$${name}` }));
  }

  override filterQuery(query: SteptraceQuery): boolean {
    return missing(query) === undefined;
  }

  override applyTemplateVariables(query: SteptraceQuery, scopedVars: ScopedVars): SteptraceQuery {
    return interpolate(this.templates, query, scopedVars);
  }

  override getQueryDisplayText(query: SteptraceQuery): string {
    return displayText(query);
  }

  override getDefaultQuery(app: CoreApp): Partial<SteptraceQuery> {
    return defaultQuery(app);
  }
}
