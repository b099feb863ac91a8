import React, { createContext, useContext } from 'react';
import { useStyles2 } from '@grafana/ui';
import { detailStyles } from './detailStyles';

/** The address of an execution's page; none where there are no pages. */
export type ExecutionHref = (arn: string) => string;

export const ExecutionPages = createContext<ExecutionHref | undefined>(undefined);

/** The execution that an attempt started, by its state machine and name. */
export function ChildExecution({ arn }: { arn: string }) {
  const styles = useStyles2(detailStyles);
  const hrefOf = useContext(ExecutionPages);
  const name = arn.split(':').slice(6).join(':') || arn;
  return (
    <p className={styles.muted}>
      started{' '}
      {hrefOf ? (
        <a className={styles.link} href={hrefOf(arn)} title={arn}>
          {name}
        </a>
      ) : (
        <span title={arn}>{name}</span>
      )}
    </p>
  );
}
