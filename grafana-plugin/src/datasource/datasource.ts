import { CoreApp, DataQueryRequest, DataQueryResponse, DataSourceInstanceSettings, ScopedVars } from '@grafana/data';
import { config, DataSourceWithBackend, getGrafanaLiveSrv, getTemplateSrv, TemplateSrv } from '@grafana/runtime';
import { Observable, of } from 'rxjs';
import { missing, needsExecution } from './complete';
import { defaultQuery } from './defaults';
import { interpolate } from './interpolation/query';
import { isLive, liveQuery } from './live/query';
import { tracesOf } from './live/traces';
import { SteptraceOptions, SteptraceQuery } from './query';
import { Resources } from './resources';

/** The front end of the data source: the backend answers, this fills in variables and asks live queries again. */
export class SteptraceDataSource extends DataSourceWithBackend<SteptraceQuery, SteptraceOptions> {
  readonly resources = new Resources((path, params, options) => this.getResource(path, params, options));

  constructor(
    settings: DataSourceInstanceSettings<SteptraceOptions>,
    private readonly templates: TemplateSrv = getTemplateSrv()
  ) {
    super(settings);
  }

  override query(request: DataQueryRequest<SteptraceQuery>): Observable<DataQueryResponse> {
    const targets = request.targets.filter((q) => !q.hide && this.filterQuery(q) && this.named(q, request));
    if (targets.length === 0) {
      return of({ data: [] });
    }
    const complete = { ...request, targets };
    const live = !(config as { publicDashboardAccessToken?: string }).publicDashboardAccessToken && targets.some((q) => isLive(q, request.app));
    return live ? this.queryLive(complete) : super.query(complete);
  }

  // A variable may have no execution to name (yet): nothing to ask, and no error.
  private named(query: SteptraceQuery, { scopedVars }: DataQueryRequest<SteptraceQuery>): boolean {
    return !needsExecution(query) || this.applyTemplateVariables(query, scopedVars).execution !== undefined;
  }

  private queryLive(request: DataQueryRequest<SteptraceQuery>): Observable<DataQueryResponse> {
    const source = {
      uid: this.uid,
      live: getGrafanaLiveSrv(),
      ask: (r: DataQueryRequest<SteptraceQuery>) => super.query(r),
      traces: (queries: SteptraceQuery[]) =>
        tracesOf(
          queries.map((q) => this.applyTemplateVariables(q, request.scopedVars)),
          async (arn) => (await this.resources.execution(arn)).trace_id
        ),
    };
    return liveQuery(source, request);
  }

  override filterQuery(query: SteptraceQuery): boolean {
    return missing(query) === undefined;
  }

  override applyTemplateVariables(query: SteptraceQuery, scopedVars: ScopedVars): SteptraceQuery {
    return interpolate(this.templates, query, scopedVars);
  }

  override getDefaultQuery(app: CoreApp): Partial<SteptraceQuery> {
    return defaultQuery(app);
  }
}
