import { css } from '@emotion/css';
import { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import React, { ReactNode } from 'react';

interface Props {
  /** Name and value; those without a value are left out. */
  facts: Array<[string, ReactNode]>;
}

/** What there is to know of something, as names and values. */
export function Facts({ facts }: Props) {
  const styles = useStyles2(getStyles);
  const known = facts.filter(([, value]) => value !== undefined && value !== null && value !== '');
  return (
    <dl className={styles}>
      {known.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const getStyles = (theme: GrafanaTheme2) =>
  css({
    display: 'flex',
    flexWrap: 'wrap',
    gap: theme.spacing(1, 4),
    margin: theme.spacing(0, 0, 2),
    '& dt': { ...theme.typography.bodySmall, color: theme.colors.text.secondary, fontWeight: 'normal' },
    '& dd': { margin: 0, fontVariantNumeric: 'tabular-nums', overflowWrap: 'anywhere' },
    '& code': { whiteSpace: 'normal' },
  });
