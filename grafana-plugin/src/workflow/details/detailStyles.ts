import { css } from '@emotion/css';
import { GrafanaTheme2 } from '@grafana/data';

export function detailStyles(theme: GrafanaTheme2) {
  return { ...frameStyles(theme), ...contentStyles(theme) };
}

function frameStyles({ colors, spacing, shadows, typography }: GrafanaTheme2) {
  return {
    drawer: css({
      position: 'relative',
      zIndex: 6,
      flex: 'none',
      // Beside the drawing, which keeps 320 pixels, as long as there is room for both; then over it.
      width: 'clamp(300px, 100% - 320px, 440px)',
      maxWidth: '92%',
      marginLeft: 'min(0px, 100% - 620px)',
      padding: spacing(1.5),
      overflow: 'auto',
      borderLeft: `1px solid ${colors.border.medium}`,
      background: colors.background.primary,
      boxShadow: shadows.z3,
      '& .sr-only': { position: 'absolute', width: 1, height: 1, overflow: 'hidden', clipPath: 'inset(50%)' },
      '&:focus-visible': { outline: `2px solid ${colors.primary.text}`, outlineOffset: -2 },
    }),
    header: css({
      display: 'flex',
      alignItems: 'center',
      gap: spacing(1),
      '& h3': { ...typography.h5, flex: 1, margin: 0, overflowWrap: 'anywhere' },
    }),
    links: css({ display: 'flex', flexWrap: 'wrap', gap: spacing(1), margin: spacing(1, 0) }),
  };
}

function contentStyles({ colors, spacing, typography }: GrafanaTheme2) {
  return {
    facts: css({
      display: 'flex',
      flexWrap: 'wrap',
      gap: spacing(1, 2),
      margin: spacing(1, 0),
      '& dt': { color: colors.text.secondary, fontSize: typography.size.sm, fontWeight: 'normal' },
      '& dd': { margin: 0 },
    }),
    muted: css({ color: colors.text.secondary, fontSize: typography.size.sm, overflowWrap: 'anywhere' }),
    link: css({ color: colors.text.link, '&:hover, &:focus-visible': { textDecoration: 'underline' } }),
    error: css({
      margin: spacing(0.5, 0),
      padding: spacing(0.5, 1),
      borderLeft: `3px solid ${colors.error.border}`,
      background: colors.background.secondary,
      overflowWrap: 'anywhere',
      whiteSpace: 'pre-wrap',
      maxHeight: 200,
      overflow: 'auto',
    }),
    errors: css({ width: '100%', '& th, & td': { padding: spacing(0.25, 0.5), textAlign: 'left' } }),
    visit: css({
      marginTop: spacing(1),
      padding: spacing(1),
      border: `1px solid ${colors.border.weak}`,
      borderRadius: 3,
      '& > summary': { cursor: 'pointer' },
    }),
    outcome: css({ display: 'inline-flex', flexWrap: 'wrap', alignItems: 'center', gap: spacing(0.75) }),
    list: css({
      margin: spacing(0.5, 0, 0, 0.5),
      paddingLeft: spacing(1),
      listStyle: 'none',
      '&:not(:empty)': { borderLeft: `1px solid ${colors.border.medium}` },
    }),
    payload: css({
      position: 'relative',
      margin: spacing(0.5, 0),
      '& summary': { cursor: 'pointer' },
      '& pre': { maxHeight: 320, margin: spacing(0.5, 0), overflow: 'auto', fontSize: typography.size.sm },
    }),
    copy: css({ position: 'absolute', top: 0, right: 0 }),
  };
}
