import { css } from '@emotion/css';
import { GrafanaTheme2 } from '@grafana/data';
import { Column, InteractiveTable, useStyles2 } from '@grafana/ui';
import React, { ReactNode } from 'react';

interface Props<T extends object> {
  /** What it is a table of. */
  name: string;
  columns: Array<Column<T>>;
  data: T[];
  rowId: (row: T) => string;
  /** Rows are still those of the question before. */
  busy?: boolean;
  pageSize?: number;
}

/** Grafana's table with a name. It scrolls sideways on a narrow screen, so it can be reached by keyboard. */
export function DataTable<T extends object>({ name, columns, data, rowId, busy = false, pageSize }: Props<T>) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles} role="region" aria-label={name} aria-busy={busy} tabIndex={0} data-busy={busy}>
      <InteractiveTable columns={columns} data={data} getRowId={rowId} pageSize={pageSize} />
    </div>
  );
}

type Sort = 'string' | 'number' | 'basic';

/** A column whose cells are drawn from the whole row; sorted by the row's member `id` where a sort is given. */
export const column = <T extends object>(
  id: keyof T & string,
  header: string,
  cell: (row: T) => ReactNode,
  sort?: Sort
): Column<T> => ({ id, header, cell: ({ row }) => <>{cell(row.original)}</>, sortType: sort });

const getStyles = (theme: GrafanaTheme2) =>
  css({
    overflowX: 'auto',
    '&[data-busy="true"]': { opacity: 0.6 },
    '& td': { verticalAlign: 'top', fontVariantNumeric: 'tabular-nums' },
    '& time': { whiteSpace: 'nowrap' },
    '& th': { textAlign: 'left', color: theme.colors.text.secondary },
  });
