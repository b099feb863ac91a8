import { locationService } from '@grafana/runtime';
import { useCallback, useSyncExternalStore } from 'react';

const subscribe = (changed: () => void) => locationService.getHistory().listen(changed);
const search = () => locationService.getLocation().search;

/** The address's query, kept up as it changes, as text. */
export const useSearch = (): string => useSyncExternalStore(subscribe, search);

/** Goes to the same page with another query; `replace` leaves no step to go back to. */
export function useSetSearch() {
  return useCallback((next: URLSearchParams, replace = false) => {
    const location = { pathname: locationService.getLocation().pathname, search: next.toString() };
    if (replace) {
      locationService.replace(location);
    } else {
      locationService.push(location);
    }
  }, []);
}
