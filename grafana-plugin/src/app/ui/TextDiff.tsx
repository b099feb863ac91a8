import { css } from '@emotion/css';
import { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import React, { useMemo } from 'react';
import { DiffLine, diffTexts } from '../format/diff';
import { plural } from '../format/format';

interface Props {
  /** What is compared. */
  name: string;
  before: string;
  after: string;
}

const signs: Record<DiffLine['kind'], string> = { same: ' ', removed: '−', added: '+', skipped: '⋯' };

/** What two texts differ in, line by line: with signs, and as deletions and insertions for screen readers. */
export function TextDiff({ name, before, after }: Props) {
  const styles = useStyles2(getStyles);
  const lines = useMemo(() => (before === after ? [] : diffTexts(before, after)), [before, after]);
  if (lines === null) {
    return <p>{`The ${name} differ in too much to be compared line by line.`}</p>;
  }
  if (lines.length === 0) {
    return <p>{`The ${name} are the same.`}</p>;
  }
  const count = (kind: DiffLine['kind']) => lines.filter((line) => line.kind === kind).length;
  return (
    <>
      <p>{`${plural(count('removed'), 'line')} removed, ${count('added')} added.`}</p>
      <pre className={styles} tabIndex={0} aria-label={`Difference of the ${name}`}>
        {lines.map((line, index) => (
          <Line key={index} line={line} />
        ))}
      </pre>
    </>
  );
}

function Line({ line: { kind, text } }: { line: DiffLine }) {
  const Element = kind === 'added' ? 'ins' : kind === 'removed' ? 'del' : 'span';
  return <Element data-kind={kind}>{`${signs[kind]} ${text}\n`}</Element>;
}

const getStyles = (theme: GrafanaTheme2) =>
  css({
    maxHeight: 500,
    overflow: 'auto',
    fontSize: theme.typography.bodySmall.fontSize,
    '& > *': { display: 'block', textDecoration: 'none', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' },
    '& ins': { background: theme.colors.success.transparent },
    '& del': { background: theme.colors.error.transparent },
    '& [data-kind="skipped"]': { color: theme.colors.text.secondary },
  });
