import { locationService } from '@grafana/runtime';
import { useCallback } from 'react';
import { useSearch, useSetSearch } from './useSearch';

/** A parameter of the page's address, and how to set it; undefined leaves it out. Back undoes that. */
export function useParam(name: string) {
  const value = new URLSearchParams(useSearch()).get(name) ?? undefined;
  const setSearch = useSetSearch();
  const set = useCallback(
    (changed?: string) => {
      const next = new URLSearchParams(locationService.getLocation().search);
      next.delete(name);
      if (changed) {
        next.set(name, changed);
      }
      setSearch(next);
    },
    [name, setSearch]
  );
  return [value, set] as const;
}
