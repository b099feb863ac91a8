import { css } from '@emotion/css';
import { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import React, { ReactNode } from 'react';
import { href } from '../url/paths';

interface Props {
  to: string;
  label?: string;
  children: ReactNode;
}

/** A link within Grafana, which takes clicks on it without loading the page anew. */
export function Link({ to, label, children }: Props) {
  return (
    <a className={useStyles2(styles)} href={href(to)} aria-label={label}>
      {children}
    </a>
  );
}

/** A link that leaves Grafana. */
export function ExternalLink({ to, children }: Omit<Props, 'label'>) {
  return (
    <a className={useStyles2(styles)} href={to} target="_blank" rel="noreferrer">
      {children}
    </a>
  );
}

const styles = (theme: GrafanaTheme2) =>
  css({
    color: theme.colors.text.link,
    overflowWrap: 'anywhere',
    '&:hover, &:focus-visible': { textDecoration: 'underline' },
  });
