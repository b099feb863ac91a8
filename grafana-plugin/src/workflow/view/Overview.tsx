import React from 'react';
import { MiniMap, useStore } from '@xyflow/react';
import { colorManipulator, GrafanaTheme2 } from '@grafana/data';
import { useTheme2 } from '@grafana/ui';
import { Layout } from '../layout/geometry';
import { BoxData, BoxNode } from './elements';
import { statusColor } from './statusStyle';
import { shows } from './viewport';

/** A map of the whole, while there is more than one sees. */
export function Overview({ layout }: { layout: Layout }) {
  const theme = useTheme2();
  const all = { x: 0, y: 0, width: layout.width, height: layout.height };
  const seen = useStore(({ transform: [x, y, zoom], ...view }) => shows({ x, y, zoom }, view, all));
  if (seen) {
    return null;
  }
  return (
    <MiniMap<BoxNode>
      pannable
      zoomable
      ariaLabel="Map of the workflow"
      nodeColor={({ data, type }) => mapColor(theme, data, type === 'container')}
      nodeStrokeColor={({ data }) => mapColor(theme, data, false)}
      nodeStrokeWidth={12}
    />
  );
}

/** A container's is pale, so that one sees what it holds. */
function mapColor(theme: GrafanaTheme2, data: BoxData, pale: boolean): string {
  const color = statusOrHeat(theme, data);
  return pale ? colorManipulator.alpha(color, 0.15) : color;
}

function statusOrHeat(theme: GrafanaTheme2, { mode, heat, run }: BoxData): string {
  if (mode === 'aggregate') {
    return heat > 0 ? colorManipulator.alpha(theme.colors.error.main, 0.3 + 0.7 * heat) : theme.colors.border.medium;
  }
  return statusColor(theme, run?.status ?? 'NOT_REACHED').line;
}
