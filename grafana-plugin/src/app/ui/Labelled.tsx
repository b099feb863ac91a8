import { css } from '@emotion/css';
import { Label, useStyles2, useTheme2 } from '@grafana/ui';
import React, { ReactNode, useId } from 'react';

interface Props {
  label: string;
  /** In units of 8 px; 0 takes what it needs. */
  width: number;
  problem?: string;
  children: (id: string) => ReactNode;
}

/** A labelled input with, where its value cannot be, why. */
export function Labelled({ label, width, problem, children }: Props) {
  const styles = useStyles2(getStyles);
  const id = useId();
  const { spacing, colors } = useTheme2();
  return (
    <div className={styles} style={{ minWidth: width ? spacing(width) : undefined }}>
      {width > 0 ? <Label htmlFor={id}>{label}</Label> : <Label>{label}</Label>}
      {children(id)}
      {problem && (
        <div role="alert" style={{ color: colors.error.text }}>
          {problem}
        </div>
      )}
    </div>
  );
}

const getStyles = () => css({ display: 'flex', flexDirection: 'column' });
