import { DataFrame } from '@grafana/data';
import React from 'react';
import { formatCost, formatCount, formatShare, formatTime } from '../format/format';
import { CostRow, currencyOf, MachineRow } from '../frame/machines';
import { Facts } from '../ui/Facts';

interface Props {
  arn: string;
  /** Undefined where no execution of it is known in the range. */
  row?: MachineRow;
  costs: CostRow[];
  costFrame?: DataFrame;
}

export function MachineFacts({ arn, row, costs, costFrame }: Props) {
  const total = costs.reduce((sum, { total_cost }) => sum + (total_cost ?? 0), 0);
  return (
    <Facts
      facts={[
        ['ARN', <code key="arn">{arn}</code>],
        ['Type', row?.type],
        ['Running', row && formatCount(row.running)],
        ['Succeeded', row && formatCount(row.succeeded)],
        ['Failed', row && formatCount(row.failed)],
        ['Timed out', row && formatCount(row.timed_out)],
        ['Aborted', row && formatCount(row.aborted)],
        ['Error rate', row && formatShare(row.error_rate)],
        ['Last start', row && formatTime(row.last_start)],
        ['Cost of its states', costs.length > 0 ? formatCost(total, currencyOf(costFrame)) : undefined],
      ]}
    />
  );
}
