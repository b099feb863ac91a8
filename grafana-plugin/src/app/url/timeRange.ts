import { dateTime, isDateTime, RawTimeRange, rangeUtil, TimeRange } from '@grafana/data';

/** A range as a page's address has it: `now-24h`, or Unix milliseconds. */
export interface UrlRange {
  from: string;
  to: string;
}

export const defaultRange: UrlRange = { from: 'now-24h', to: 'now' };

const relative = /^now(?:[-+]\d+[smhdwMy])?(?:\/[smhdwMy])?$/;
const milliseconds = /^\d{10,14}$/;

const valid = (text: string | null) => text !== null && (relative.test(text) || milliseconds.test(text));

/** The range of an address; the default where it has none, or one that is none. */
export function readRange(search: URLSearchParams, otherwise: UrlRange = defaultRange): UrlRange {
  const [from, to] = [search.get('from'), search.get('to') ?? defaultRange.to];
  return valid(from) && valid(to) ? { from: from ?? '', to: to ?? '' } : otherwise;
}

/** Sets the range of an address: both ends, or none where it is the default. */
export function writeRange({ from, to }: UrlRange, search: URLSearchParams) {
  search.delete('from');
  search.delete('to');
  if (from !== defaultRange.from || to !== defaultRange.to) {
    search.set('from', from);
    search.set('to', to);
  }
}

const bound = (text: string) => (milliseconds.test(text) ? dateTime(Number(text)) : text);

export const toTimeRange = ({ from, to }: UrlRange): TimeRange =>
  rangeUtil.convertRawToRange({ from: bound(from), to: bound(to) });

const written = (value: RawTimeRange['from']) => (isDateTime(value) ? String(value.valueOf()) : value);

export const fromTimeRange = (range: TimeRange): UrlRange => ({
  from: written(range.raw.from),
  to: written(range.raw.to),
});

const absolute = (from: number, to: number): UrlRange => ({
  from: String(Math.round(from)),
  to: String(Math.round(to)),
});

/** The range as long before (-1) or after (1) this one, as the arrows of Grafana's time picker mean it. */
export function moved(range: TimeRange, direction: -1 | 1): UrlRange {
  const [from, to] = [range.from.valueOf(), range.to.valueOf()];
  const half = ((to - from) / 2) * direction;
  return absolute(from + half, to + half);
}

/** Twice the range, about its middle. */
export function zoomedOut(range: TimeRange): UrlRange {
  const [from, to] = [range.from.valueOf(), range.to.valueOf()];
  const half = (to - from) / 2;
  return absolute(from - half, to + half);
}
