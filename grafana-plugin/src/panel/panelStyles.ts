import { css } from '@emotion/css';
import { GrafanaTheme2 } from '@grafana/data';

export const panelStyles = ({ colors, spacing, typography }: GrafanaTheme2) => ({
  panel: css({ display: 'flex', flexDirection: 'column', overflow: 'hidden' }),
  body: css({ display: 'flex', flex: 1, minHeight: 0 }),
  empty: css({ padding: spacing(2), color: colors.text.secondary }),
  choice: css({
    margin: spacing(0, 0, 0.5),
    fontSize: typography.size.sm,
    // Grafana's own styles would make it a few pixels high.
    '& select': {
      width: 'auto',
      height: 'auto',
      lineHeight: 'inherit',
      border: `1px solid ${colors.border.medium}`,
      background: colors.background.primary,
      color: colors.text.primary,
    },
  }),
});
