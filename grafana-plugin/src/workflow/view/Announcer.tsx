import React, { useEffect, useRef, useState } from 'react';
import { useStyles2 } from '@grafana/ui';
import { Mode, StateRun } from '../states';
import { changesOf } from './announce';
import { viewStyles } from './viewStyles';

/** Says what changed to people who do not see it. */
export function Announcer({ runs, mode }: { runs: Map<string, StateRun>; mode: Mode }) {
  const styles = useStyles2(viewStyles);
  const before = useRef(runs);
  const [text, setText] = useState('');
  useEffect(() => {
    const changes = mode === 'execution' ? changesOf(before.current, runs) : '';
    before.current = runs;
    if (changes) {
      setText(changes);
    }
  }, [runs, mode]);
  return (
    <div className={styles.hidden} role="status" aria-live="polite">
      {text}
    </div>
  );
}
