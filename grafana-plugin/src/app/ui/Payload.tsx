import { css } from '@emotion/css';
import { GrafanaTheme2 } from '@grafana/data';
import { Button, ClipboardButton, useStyles2 } from '@grafana/ui';
import React, { useMemo, useState } from 'react';
import { formatCount } from '../format/format';
import { prettyJson } from '../format/json';

// More characters than this are drawn only when asked for: payloads may have a megabyte.
const shownAtFirst = 10_000;

interface Props {
  /** What it is, for its copy button. */
  name: string;
  /** JSON, JSON text, or any other text. */
  value: unknown;
  /** What is copied, if not what is shown. */
  copied?: string;
}

/** A payload, indented if it is JSON. */
export function Payload({ name, value, copied }: Props) {
  const styles = useStyles2(getStyles);
  const [all, setAll] = useState(false);
  const written = useMemo(() => prettyJson(value), [value]);
  const cut = !all && written.length > shownAtFirst;
  return (
    <div className={styles.payload}>
      <pre className={styles.text} tabIndex={0} aria-label={name}>
        {cut ? `${written.slice(0, shownAtFirst)}…` : written}
      </pre>
      {cut && (
        <Button size="sm" variant="secondary" fill="outline" onClick={() => setAll(true)}>
          {`Show all ${formatCount(written.length)} characters`}
        </Button>
      )}
      <ClipboardButton size="sm" variant="secondary" fill="text" icon="copy" getText={() => copied ?? written}>
        {`Copy ${name}`}
      </ClipboardButton>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  payload: css({ maxWidth: '100%' }),
  text: css({
    maxHeight: 400,
    overflow: 'auto',
    marginBottom: theme.spacing(0.5),
    fontSize: theme.typography.bodySmall.fontSize,
    whiteSpace: 'pre-wrap',
    overflowWrap: 'anywhere',
  }),
});
