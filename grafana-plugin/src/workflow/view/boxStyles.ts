import { css, keyframes } from '@emotion/css';
import { GrafanaTheme2 } from '@grafana/data';
import { Status } from '../states';
import { statusColor } from './statusStyle';

/** Styles of boxes by theme. Every status has a border of its own beside its colour. */
export function boxStyles(theme: GrafanaTheme2) {
  return { ...frames(theme), ...texts(theme), ...bars(theme), ...looks(theme), ...plainLooks(theme) };
}

const pulse = keyframes({ '50%': { boxShadow: '0 0 0 6px transparent' } });

function frames({ colors, shape, typography }: GrafanaTheme2) {
  const button = {
    position: 'relative' as const,
    isolation: 'isolate' as const,
    display: 'flex',
    flexDirection: 'column' as const,
    justifyContent: 'center',
    gap: 1,
    width: '100%',
    padding: '0 7px 0 8px',
    overflow: 'hidden',
    color: colors.text.primary,
    fontSize: typography.size.sm,
    lineHeight: 1.3,
    textAlign: 'left' as const,
    cursor: 'pointer',
    pointerEvents: 'all' as const,
    '&:focus-visible': { outline: `2px solid ${colors.primary.text}`, outlineOffset: 2 },
    '&[aria-pressed="true"]': { outline: `2px solid ${colors.primary.text}` },
  };
  const framed = { border: `1px solid ${colors.border.strong}`, borderRadius: shape.radius?.default ?? 4 };
  return {
    box: css({ ...button, ...framed, height: '100%', background: colors.background.primary }),
    container: css({ ...framed, width: '100%', height: '100%', background: colors.background.secondary }),
    header: css({ ...button, height: 44, background: 'transparent', border: 'none' }),
    mark: css({
      display: 'flex',
      alignItems: 'center',
      justifyContent: 'center',
      width: '100%',
      height: '100%',
      border: `1px solid ${colors.border.strong}`,
      borderRadius: 14,
      background: colors.background.canvas,
      color: colors.text.secondary,
      fontSize: typography.size.sm,
    }),
  };
}

function texts({ colors, typography }: GrafanaTheme2) {
  const line = { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' as const };
  return {
    title: css({ display: 'flex', alignItems: 'center', gap: 4, minWidth: 0, '& > svg': { flex: 'none' } }),
    name: css({ ...line, flex: 1, fontWeight: typography.fontWeightMedium }),
    status: css({ display: 'flex', flex: 'none', color: 'var(--status)' }),
    resource: css({ ...line, color: colors.text.secondary, fontSize: 11 }),
    facts: css({ ...line, color: 'var(--status-text)', fontSize: 11, fontVariantNumeric: 'tabular-nums' }),
    badge: css({
      flex: 'none',
      padding: '0 4px',
      border: `1px solid ${colors.border.medium}`,
      borderRadius: 3,
      color: colors.text.secondary,
      fontSize: 10,
      '&[data-used="true"]': { borderColor: colors.warning.border, color: colors.warning.text, fontWeight: 600 },
    }),
  };
}

function bars({ colors }: GrafanaTheme2) {
  return {
    heat: css({
      position: 'absolute',
      inset: 0,
      zIndex: -1, // the text is not to be tinted
      background: colors.error.main,
      pointerEvents: 'none',
    }),
    p95: css({
      position: 'absolute',
      left: 0,
      bottom: 0,
      height: 4,
      background: colors.info.border,
      pointerEvents: 'none',
    }),
  };
}

function looks(theme: GrafanaTheme2): Record<Status, string> {
  const look = (status: Status, more: object) => {
    const { line, text } = statusColor(theme, status);
    return css({ '--status': line, '--status-text': text, borderColor: line, ...more });
  };
  return {
    RUNNING: look('RUNNING', {
      borderWidth: 2,
      boxShadow: `0 0 0 2px ${theme.colors.info.transparent}`,
      '@media (prefers-reduced-motion: no-preference)': { animation: `${pulse} 1.6s ease-in-out infinite` },
    }),
    SUCCEEDED: look('SUCCEEDED', { borderLeftWidth: 5 }),
    CAUGHT: look('CAUGHT', { borderLeftWidth: 5, borderStyle: 'dashed', borderLeftStyle: 'solid' }),
    FAILED: look('FAILED', { borderWidth: 2, borderLeftWidth: 7 }),
    ABORTED: look('ABORTED', { borderLeftWidth: 5, borderStyle: 'double' }),
    NOT_REACHED: look('NOT_REACHED', {
      borderStyle: 'dashed',
      color: theme.colors.text.secondary,
      background: theme.colors.background.canvas,
    }),
    ELSEWHERE: look('ELSEWHERE', { borderStyle: 'dotted', color: theme.colors.text.secondary }),
  };
}

function plainLooks({ colors }: GrafanaTheme2) {
  return {
    plain: css({ '--status': colors.text.secondary, '--status-text': colors.text.primary }),
    missing: css({
      '--status': colors.error.border,
      '--status-text': colors.error.text,
      borderColor: colors.error.border,
      borderStyle: 'dotted',
      borderWidth: 2,
    }),
  };
}
