import React from 'react';
import { useStyles2, useTheme2 } from '@grafana/ui';
import { Measure, Mode, Status, statuses } from '../states';
import { StatusIcon } from './StatusIcon';
import { statusColor, statusText } from './statusStyle';
import { viewStyles } from './viewStyles';

interface Props {
  mode: Mode;
  /** Whether there are states that run in other executions. */
  elsewhere: boolean;
  measure: Measure;
  onMeasure?: (measure: Measure) => void;
}

/** What shapes and colours mean; in the aggregate one may choose what they go by. */
export function Legend({ mode, elsewhere, measure, onMeasure }: Props) {
  return mode === 'execution' ? (
    <Statuses shown={elsewhere ? [...statuses, 'ELSEWHERE'] : statuses} />
  ) : (
    <Heat measure={measure} onMeasure={onMeasure} />
  );
}

function Statuses({ shown }: { shown: Status[] }) {
  const styles = useStyles2(viewStyles);
  const theme = useTheme2();
  return (
    <ul className={styles.legend} aria-label="Legend">
      {shown.map((status) => (
        <li key={status}>
          <span style={{ display: 'flex', color: statusColor(theme, status).line }}>
            <StatusIcon status={status} inverse={theme.colors.background.primary} />
          </span>
          {statusText[status]}
        </li>
      ))}
      <li>╌╌ Catch</li>
      <li>↻ Retry</li>
    </ul>
  );
}

const measures: Array<[Measure, string]> = [
  ['failures', 'Share that failed'],
  ['p95', 'p95 duration'],
];

function Heat({ measure, onMeasure }: Omit<Props, 'mode' | 'elsewhere'>) {
  const styles = useStyles2(viewStyles);
  return (
    <div className={styles.legend} role="group" aria-label="Legend">
      <label>
        Colour by{' '}
        <select
          className={styles.select}
          value={measure}
          disabled={onMeasure === undefined}
          onChange={({ target }) => onMeasure?.(target.value as Measure)}
        >
          {measures.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </label>
      <span>{measure === 'failures' ? '0%' : 'short'}</span>
      <span className={styles.scale} aria-hidden="true" />
      <span>{measure === 'failures' ? '100% failed' : 'longest'}</span>
      <span className={styles.bar} aria-hidden="true" />
      <span>p95, against the longest</span>
    </div>
  );
}
