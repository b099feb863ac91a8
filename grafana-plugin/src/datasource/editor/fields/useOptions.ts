import { useCallback, useRef, useState } from 'react';
import { SelectableValue } from '@grafana/data';

interface Loaded {
  options: Array<SelectableValue<string>>;
  loading: boolean;
  error?: string;
}

/** Options that are loaded when a menu opens; what was asked last counts. */
export function useOptions(ask: () => Promise<Array<SelectableValue<string>>>) {
  const [loaded, setLoaded] = useState<Loaded>({ options: [], loading: false });
  const asked = useRef(0);
  const load = useCallback(async () => {
    const number = ++asked.current;
    const settle = (now: Partial<Loaded>) =>
      number === asked.current && setLoaded((before) => ({ ...before, loading: false, error: undefined, ...now }));
    setLoaded((before) => ({ ...before, loading: true }));
    try {
      settle({ options: await ask() });
    } catch (err) {
      settle({ error: err instanceof Error ? err.message : String(err) });
    }
  }, [ask]);
  return { ...loaded, load };
}
