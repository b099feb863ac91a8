import React, { useMemo } from 'react';
import { ClipboardButton, useStyles2 } from '@grafana/ui';
import { detailStyles } from './detailStyles';
import { prettyText, showPayload } from './payload';

/** An input or output, folded away until one wants it. */
export function Payload({ name, value }: { name: string; value: unknown }) {
  const styles = useStyles2(detailStyles);
  const { text, omitted } = useMemo(() => showPayload(value), [value]);
  if (value === undefined || value === null) {
    return null;
  }
  return (
    <details className={styles.payload}>
      <summary>{name}</summary>
      <ClipboardButton
        className={styles.copy}
        size="sm"
        variant="secondary"
        icon="copy"
        aria-label={`Copy ${name.toLowerCase()}`}
        getText={() => prettyText(value)}
      />
      <pre tabIndex={0} aria-label={name}>
        {text}
      </pre>
      {omitted > 0 && <p className={styles.muted}>{omitted} more characters are not shown; copying takes all.</p>}
    </details>
  );
}
