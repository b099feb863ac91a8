import { useEffect, useState } from 'react';
import { Workflow } from '../graph';
import { Layout, LayoutOptions } from '../layout/geometry';
import { layouter } from '../layout/worker';

export interface LaidOut {
  layout?: Layout;
  error?: string;
}

interface Late extends LaidOut {
  key: string;
}

/** The layout of a workflow; empty while it is computed. The key says all that it depends on but the options. */
export function useLayout(definition: string, workflow: Workflow, { orientation, compact }: LayoutOptions): LaidOut {
  const key = `${orientation} ${compact} ${definition}`;
  const known = layouter.now(key, workflow.machine, workflow.states, { orientation, compact });
  const [late, setLate] = useState<Late>();
  const missing = known === undefined;
  useEffect(() => {
    if (!missing) {
      return undefined;
    }
    let wanted = true;
    const done = (result: LaidOut) => wanted && setLate({ key, ...result });
    layouter.later(key, workflow.machine, { orientation, compact }).then(
      (layout) => done({ layout }),
      (error: Error) => done({ error: error.message })
    );
    return () => {
      wanted = false;
    };
  }, [missing, key, workflow, orientation, compact]);
  return known ? { layout: known } : late?.key === key ? late : {};
}
