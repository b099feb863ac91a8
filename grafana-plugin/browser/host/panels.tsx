import { css } from '@emotion/css';
import {
  DataFrame,
  EventBusSrv,
  Field,
  formattedValueToString,
  getDisplayProcessor,
  GrafanaTheme2,
  PanelPlugin,
  PanelProps,
} from '@grafana/data';
import { config, getTemplateSrv, PanelRendererProps } from '@grafana/runtime';
import { useStyles2 } from '@grafana/ui';
import React, { useEffect, useState } from 'react';
import metadata from '../../src/panel/plugin.json';
import { load } from './modules';

// What stands for Grafana's panels: Steptrace's own is the built one, those of Grafana are not here, so their frames
// are shown as plain tables.

const bus = new EventBusSrv();

export function Panel(props: PanelRendererProps) {
  return props.pluginId === metadata.id ? <WorkflowPanel {...props} /> : <FrameTables {...props} />;
}

function WorkflowPanel({ data, options, onOptionsChange, title, width, height }: PanelRendererProps) {
  const [plugin, setPlugin] = useState<PanelPlugin>();
  useEffect(() => {
    load<{ plugin: PanelPlugin }>(metadata.id).then(({ plugin }) => setPlugin(plugin));
  }, []);
  if (!plugin?.panel || !data) {
    return null;
  }
  const Component = plugin.panel as React.ComponentType<PanelProps>;
  return (
    <Component
      id={1}
      data={data}
      timeRange={data.timeRange}
      timeZone="utc"
      options={{ ...plugin.defaults, ...options }}
      fieldConfig={{ defaults: {}, overrides: [] }}
      transparent={false}
      width={width}
      height={height}
      renderCounter={0}
      title={title}
      eventBus={bus}
      onOptionsChange={onOptionsChange ?? (() => undefined)}
      onFieldConfigChange={() => undefined}
      onChangeTimeRange={() => undefined}
      replaceVariables={(text, scoped, format) => getTemplateSrv().replace(text, scoped, format)}
    />
  );
}

function FrameTables({ data, pluginId, title, width, height }: PanelRendererProps) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.scroll} style={{ width, height }} role="group" aria-label={title} tabIndex={0}>
      {data?.series.map((frame, n) => (
        <FrameTable key={n} frame={frame} caption={`Grafana's ${pluginId} panel shows here: ${frame.name ?? ''}`} />
      ))}
    </div>
  );
}

export function FrameTable({ frame, caption }: { frame: DataFrame; caption: string }) {
  const styles = useStyles2(getStyles);
  return (
    <table className={styles.table}>
      <caption>{caption}</caption>
      <thead>
        <tr>
          {frame.fields.map((field) => (
            <th key={field.name}>{field.config.displayName ?? field.name}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {Array.from({ length: Math.min(frame.length, 100) }, (_, row) => (
          <tr key={row}>
            {frame.fields.map((field) => (
              <td key={field.name}>
                <Cell field={field} row={row} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cell({ field, row }: { field: Field; row: number }) {
  const value = field.values[row];
  const display = field.display ?? getDisplayProcessor({ field, theme: config.theme2, timeZone: 'utc' });
  const text =
    typeof value === 'object' && value !== null ? JSON.stringify(value) : formattedValueToString(display(value));
  const link = field.getLinks?.({ valueRowIndex: row })[0];
  return link ? <a href={link.href}>{text}</a> : <>{text}</>;
}

const getStyles = (theme: GrafanaTheme2) => ({
  scroll: css({ overflow: 'auto' }),
  table: css({
    ...theme.typography.bodySmall,
    borderCollapse: 'collapse',
    caption: { textAlign: 'left', color: theme.colors.text.secondary },
    'td, th': {
      padding: theme.spacing(0.25, 1),
      textAlign: 'left',
      whiteSpace: 'nowrap',
      maxWidth: 400,
      overflow: 'hidden',
    },
  }),
});
