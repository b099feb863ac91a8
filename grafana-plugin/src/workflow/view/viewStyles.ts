import { css } from '@emotion/css';
import { GrafanaTheme2 } from '@grafana/data';

export function viewStyles({ colors, typography, spacing }: GrafanaTheme2) {
  return {
    view: css({
      display: 'flex',
      flexDirection: 'column',
      flex: '1 1 0',
      width: '100%',
      minWidth: 0,
      height: '100%',
      minHeight: 0,
    }),
    drawing: css({
      position: 'relative',
      flex: 1,
      minHeight: 0,
      '&:focus-visible': { outline: `2px solid ${colors.primary.text}`, outlineOffset: -2 },
      '& .react-flow': {
        '--xy-background-color': 'transparent',
        '--xy-controls-button-background-color': colors.background.secondary,
        '--xy-controls-button-background-color-hover': colors.action.hover,
        '--xy-controls-button-color': colors.text.primary,
        '--xy-controls-button-color-hover': colors.text.primary,
        '--xy-controls-button-border-color': colors.border.medium,
        '--xy-minimap-background-color': colors.background.secondary,
        '--xy-minimap-mask-background-color': colors.action.disabledBackground,
      },
    }),
    wait: css({ padding: spacing(2), color: colors.text.secondary }),
    notices: css({
      display: 'flex',
      flexWrap: 'wrap',
      gap: spacing(0.5, 2),
      maxHeight: '30%',
      padding: spacing(0.5, 1),
      overflow: 'auto',
      borderLeft: `3px solid ${colors.warning.border}`,
      background: colors.background.secondary,
      fontSize: typography.size.sm,
      '& ul': { margin: spacing(0.5, 0, 0, 2) },
    }),
    legend: css({
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'center',
      gap: spacing(0.25, 1.5),
      margin: 0,
      padding: spacing(0.5, 1),
      listStyle: 'none',
      color: colors.text.secondary,
      fontSize: typography.size.sm,
      '& li': { display: 'flex', alignItems: 'center', gap: 4 },
      '& label': { margin: 0 },
    }),
    // Grafana's own styles would make it a few pixels high.
    select: css({
      width: 'auto',
      height: 'auto',
      lineHeight: 'inherit',
      padding: spacing(0, 0.5),
      border: `1px solid ${colors.border.medium}`,
      borderRadius: 2,
      background: colors.background.primary,
      color: colors.text.primary,
    }),
    scale: css({
      width: 64,
      height: 10,
      border: `1px solid ${colors.border.medium}`,
      background: `linear-gradient(to right, transparent, ${colors.error.main})`,
    }),
    bar: css({ width: 32, height: 4, background: colors.info.border }),
    hidden: css({
      position: 'absolute',
      width: 1,
      height: 1,
      overflow: 'hidden',
      clipPath: 'inset(50%)',
      whiteSpace: 'nowrap',
    }),
  };
}
