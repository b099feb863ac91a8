import { css } from '@emotion/css';
import { GrafanaTheme2 } from '@grafana/data';

/** A transition that was taken is thick and dark; that of a Catch is dashed. */
export function lineStyles({ colors }: GrafanaTheme2) {
  return {
    layer: css({
      position: 'absolute',
      left: 0,
      top: 0,
      width: 1,
      height: 1,
      overflow: 'visible',
      pointerEvents: 'none',
    }),
    line: css({
      '--line': colors.border.strong,
      '& > path': { fill: 'none', stroke: 'var(--line)', strokeWidth: 1.2 },
      '&[data-kind="catch"] > path:first-of-type': { strokeDasharray: '5 4' },
      '&[data-taken="true"]': { '--line': colors.text.primary },
      '&[data-taken="true"] > path': { strokeWidth: 2.4 },
      '&[data-taken="true"][data-kind="catch"]': { '--line': colors.warning.border },
    }),
    head: css({ '&&': { fill: 'var(--line)', stroke: 'none' } }),
    label: css({
      pointerEvents: 'all',
      '& rect': { fill: colors.background.primary, stroke: 'var(--line)', strokeWidth: 0.7 },
      '& text': { fill: colors.text.primary, fontSize: 11 },
    }),
  };
}
