import { TimeRange } from '@grafana/data';
import { useMemo } from 'react';
import { readRange, toTimeRange, UrlRange, writeRange } from './timeRange';
import { useSearch, useSetSearch } from './useSearch';

/** The range in the page's address, and how to set it. */
export function useRange(): { range: TimeRange; url: UrlRange; setRange: (range: UrlRange) => void } {
  const search = useSearch();
  const setSearch = useSetSearch();
  const { from, to } = readRange(new URLSearchParams(search));
  const range = useMemo(() => toTimeRange({ from, to }), [from, to]);
  const setRange = (next: UrlRange) => {
    const params = new URLSearchParams(search);
    writeRange(next, params);
    setSearch(params);
  };
  return { range, url: { from, to }, setRange };
}
