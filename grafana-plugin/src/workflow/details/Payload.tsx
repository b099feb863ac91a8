import React from 'react';
import { ClipboardButton, useStyles2 } from '@grafana/ui';
import { detailStyles } from './detailStyles';
import { prettyText, showPayload } from './payload';

/** An input or output, folded away until one wants it. */
export function Payload({ name, value }: { name: string; value: unknown }) {
  const styles = useStyles2(detailStyles);
  if (value === undefined || value === null) {
    return null;
  }
  const { text, omitted } = showPayload(value);
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
