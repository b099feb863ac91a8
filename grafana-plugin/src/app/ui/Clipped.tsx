import { css } from '@emotion/css';
import React, { ReactNode } from 'react';

interface Props {
  /** Characters. */
  width: number;
  /** All of it, for who points at it. */
  title: string;
  children: ReactNode;
}

const style = css({ width: 'max-content', overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' });

/** Text of a table's cell on one line, cut where it is longer than the column should be. */
export function Clipped({ width, title, children }: Props) {
  return (
    <div className={style} style={{ maxWidth: `${width}ch` }} title={title}>
      {children}
    </div>
  );
}
