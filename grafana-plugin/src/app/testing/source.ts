import {
  createDataFrame,
  DataFrame,
  DataQueryError,
  DataQueryRequest,
  DataQueryResponse,
  FieldType,
  LoadingState,
} from '@grafana/data';
import { DataSourceSrv, setDataSourceSrv } from '@grafana/runtime';
import { act } from '@testing-library/react';
import { Observable, Subscriber } from 'rxjs';
import { QueryType, SteptraceQuery } from '../../datasource/query';
import { Resources } from '../../datasource/resources';

type Columns = Record<string, unknown[]>;
type Answers = Partial<Record<QueryType, (query: SteptraceQuery) => DataFrame | Error | undefined>>;

/** A frame with these columns. */
export const frame = (columns: Columns, custom?: Record<string, unknown>): DataFrame =>
  createDataFrame({
    fields: Object.entries(columns).map(([name, values]) => ({ name, type: FieldType.other, values })),
    meta: { custom },
  });

/** A frame with these rows. */
export function table<T extends object>(rows: T[], custom?: Record<string, unknown>): DataFrame {
  const names = Array.from(new Set(rows.flatMap((row) => Object.keys(row)))) as Array<keyof T & string>;
  return frame(Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name] ?? null)])), custom);
}

interface Asked {
  request: DataQueryRequest<SteptraceQuery>;
  subscriber: Subscriber<DataQueryResponse>;
}

/** A data source at Grafana's boundary: it answers as it is told, and as often as it is told. */
export class FakeSource {
  readonly type = 'steptrace-datasource';
  /** What is asked now; what was cancelled is in `cancelled`. */
  asked: Asked[] = [];
  cancelled = 0;
  readonly resources: jest.Mocked<Pick<Resources, 'values' | 'revisions' | 'execution' | 'history' | 'state'>> = {
    values: jest.fn().mockResolvedValue([]),
    revisions: jest.fn().mockResolvedValue([]),
    execution: jest.fn().mockResolvedValue({ cost: null }),
    history: jest.fn().mockResolvedValue([]),
    state: jest.fn().mockResolvedValue({ state: '', visits: [] }),
  };

  constructor(
    public answers: Answers,
    readonly uid = 'steptrace'
  ) {}

  query(request: DataQueryRequest<SteptraceQuery>): Observable<DataQueryResponse> {
    return new Observable((subscriber) => {
      const asked = { request, subscriber };
      this.asked.push(asked);
      this.answer(asked);
      return () => {
        this.cancelled++;
        this.asked = this.asked.filter((other) => other !== asked);
      };
    });
  }

  /** Answers what is asked once more, as a live query does when something changed. */
  change(answers: Answers) {
    this.answers = { ...this.answers, ...answers };
    act(() => this.asked.forEach((asked) => this.answer(asked)));
  }

  /** The queries of a type that are asked now. */
  queries(type: QueryType): SteptraceQuery[] {
    return this.asked.flatMap(({ request }) => request.targets.filter((query) => query.queryType === type));
  }

  private answer({ request, subscriber }: Asked) {
    const data: DataFrame[] = [];
    const errors: DataQueryError[] = [];
    for (const query of request.targets) {
      const answered = this.answers[query.queryType]?.(query);
      if (answered instanceof Error) {
        errors.push({ refId: query.refId, message: answered.message, status: (answered as DataQueryError).status });
      } else if (answered) {
        data.push({ ...answered, refId: query.refId });
      }
    }
    const state = errors.length > 0 ? LoadingState.Error : LoadingState.Streaming;
    subscriber.next({ data, errors: errors.length > 0 ? errors : undefined, error: errors[0], state });
  }
}

/** Installs data sources as Grafana's. */
export function install(...sources: FakeSource[]) {
  const settings = sources.map(({ uid, type }) => ({ uid, type, name: `Source ${uid}` }));
  const service = {
    getList: () => settings,
    get: (uid: string) => {
      const found = sources.find((source) => source.uid === uid);
      return found ? Promise.resolve(found) : Promise.reject(new Error(`no data source ${uid}`));
    },
  };
  setDataSourceSrv(service as unknown as DataSourceSrv);
}
