import { CoreApp, DataQuery, dateMath, dateTime, PanelData, rangeUtil, TimeRange } from '@grafana/data';
import { getDataSourceSrv, locationService } from '@grafana/runtime';
import { useEffect, useState } from 'react';
import { useAddress } from './useAddress';
import { runRequest } from './runRequest';

// The range that the address has, as in Grafana's dashboards.
function rangeOf(search: URLSearchParams): TimeRange {
  const raw = { from: search.get('from') ?? 'now-6h', to: search.get('to') ?? 'now' };
  const at = (text: string, roundUp: boolean) =>
    /^\d+$/.test(text) ? dateTime(Number(text)) : dateMath.parse(text, roundUp)!;
  return { from: at(raw.from, false), to: at(raw.to, true), raw };
}

// usePanelData asks the queries, and again when the address changes: variables and range are in it.
export function usePanelData(targets: DataQuery[]): PanelData | undefined {
  const [data, setData] = useState<PanelData>();
  const asked = JSON.stringify(targets);
  const { search } = useAddress();
  useEffect(() => {
    const range = rangeOf(locationService.getSearch());
    const { intervalMs, interval } = rangeUtil.calculateInterval(range, 1000);
    const request = {
      app: CoreApp.Dashboard,
      requestId: 'panel',
      targets: JSON.parse(asked) as DataQuery[],
      range,
      rangeRaw: range.raw,
      interval,
      intervalMs,
      maxDataPoints: 1000,
      scopedVars: {
        __interval: { text: interval, value: interval },
        __interval_ms: { text: intervalMs, value: intervalMs },
      },
      timezone: 'utc',
      startTime: Date.now(),
    };
    let running: { unsubscribe(): void } | undefined;
    let gone = false;
    getDataSourceSrv()
      .get()
      .then((source) => {
        if (!gone) {
          running = runRequest(source, request).subscribe(setData);
        }
      });
    return () => {
      gone = true;
      running?.unsubscribe();
    };
  }, [asked, search]);
  return data;
}
