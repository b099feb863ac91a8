import { useEffect, useState } from 'react';
import { LoadState, StateDetails } from './stateDetails';

export interface Loaded {
  details?: StateDetails;
  error?: string;
  /** Nothing has been answered yet. */
  waiting: boolean;
}

interface Result {
  of: string;
  details?: StateDetails;
  error?: string;
}

/**
 * Loads a state's details, and again whenever changed is another; what is there stays until the new is. An answer that comes
 * after another question was asked is dropped.
 */
export function useStateDetails(
  load: LoadState | undefined,
  execution: string,
  state: string,
  changed: unknown
): Loaded {
  const of = `${execution}\n${state}`;
  const [result, setResult] = useState<Result>();
  useEffect(() => {
    if (load === undefined || execution === '') {
      return undefined;
    }
    let wanted = true;
    const done = (answer: Omit<Result, 'of'>) => {
      if (wanted) {
        setResult({ of: `${execution}\n${state}`, ...answer });
      }
    };
    load(execution, state).then(
      (details) => done({ details }),
      (error: unknown) => done({ error: messageOf(error) })
    );
    return () => {
      wanted = false;
    };
  }, [load, execution, state, changed]);
  if (result?.of === of) {
    return { details: result.details, error: result.error, waiting: false };
  }
  return { waiting: load !== undefined && execution !== '' };
}

/** What Grafana's client rejects with: an error, or the response with what the data source said. */
function messageOf(error: unknown): string {
  const { data, message, statusText } = (error ?? {}) as {
    data?: { error?: string; message?: string };
    message?: string;
    statusText?: string;
  };
  return data?.error ?? data?.message ?? message ?? statusText ?? 'The data source did not answer.';
}
