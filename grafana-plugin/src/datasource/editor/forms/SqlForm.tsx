import React from 'react';
import { css } from '@emotion/css';
import { GrafanaTheme2 } from '@grafana/data';
import { CodeEditor, CodeEditorSuggestionItemKind, InlineFieldRow, useStyles2 } from '@grafana/ui';
import { LimitField } from '../fields/LimitField';
import { Form } from '../form';

const macros = [
  ['$__timeFilter(Timestamp)', 'that the column lies in the range'],
  ['$__fromTime', 'begin of the range'],
  ['$__toTime', 'end of the range'],
  ['$__timeInterval(Timestamp)', 'the column, rounded down to the interval'],
  ['$__interval_s', 'the interval in seconds'],
  ['$__in(column, ${variable:json})', 'that the column is one of the values of a variable; true for All'],
];

const suggestions = () =>
  macros.map(([label, detail]) => ({ label, detail, kind: CodeEditorSuggestionItemKind.Method }));

const hint = {
  table: 'What the statement returns.',
  time_series: 'One time column, numbers, and texts as labels.',
  numeric: 'Numbers, and texts as labels; no time column.',
};

const hintStyle = (theme: GrafanaTheme2) =>
  css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize, margin: '4px 0' });

export function SqlForm({ form }: { form: Form }) {
  const style = useStyles2(hintStyle);
  const leave = (rawSql: string) => form.change({ rawSql }, true);
  return (
    <>
      <CodeEditor
        language="sql"
        height="200px"
        value={form.query.rawSql ?? ''}
        onBlur={leave}
        onSave={leave}
        getSuggestions={suggestions}
        showLineNumbers
        showMiniMap={false}
      />
      <p className={style}>
        {hint[form.query.format ?? 'table']} Macros: {macros.map(([macro]) => macro).join(' · ')}
      </p>
      <InlineFieldRow>
        <LimitField form={form} usual={10000} most={100000} />
      </InlineFieldRow>
    </>
  );
}
