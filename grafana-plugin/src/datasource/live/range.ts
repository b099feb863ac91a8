import { DataQueryRequest, rangeUtil } from '@grafana/data';
import { SteptraceQuery } from '../query';

/** The request with a range that ends now, where it is relative (now-1h to now). */
export function moved(request: DataQueryRequest<SteptraceQuery>): DataQueryRequest<SteptraceQuery> {
  const { raw } = request.range;
  if (!rangeUtil.isRelativeTimeRange(raw)) {
    return request;
  }
  return { ...request, range: rangeUtil.convertRawToRange(raw, request.timezone) };
}
