import React, { memo } from 'react';
import { useStyles2 } from '@grafana/ui';
import { Taken } from '../flow';
import { Transition } from '../graph';
import { Point, Route } from '../layout/geometry';
import { roundedPath } from './curve';
import { lineLevel } from './elements';
import { lineStyles } from './lineStyles';

interface Props {
  depth: number;
  routes: Route[];
  transitions: Map<string, Transition>;
  /** Ids of transitions that were taken; how often where that is known. */
  taken: Map<string, Taken>;
}

/** The transitions of all machines that are as deep inside. Panning moves the whole, so it need not be drawn again. */
export const Lines = memo(function Lines({ depth, routes, transitions, taken }: Props) {
  const styles = useStyles2(lineStyles);
  const inOrder = [...routes].sort((a, b) => Number(taken.has(a.id)) - Number(taken.has(b.id)));
  return (
    <svg className={styles.layer} style={{ zIndex: lineLevel(depth) }} aria-hidden="true">
      {inOrder.map((route) => (
        <Line key={route.id} route={route} transition={transitions.get(route.id)!} taken={taken.has(route.id)} />
      ))}
    </svg>
  );
});

function Line({ route, transition, taken }: { route: Route; transition: Transition; taken: boolean }) {
  const styles = useStyles2(lineStyles);
  const { label, points } = route;
  return (
    <g className={styles.line} data-kind={transition.kind} data-taken={taken} data-transition={route.id}>
      <path d={roundedPath(points)} />
      <path d={arrowHead(points)} className={styles.head} />
      {label && (
        <g className={styles.label} transform={`translate(${label.x},${label.y})`}>
          <title>{transition.detail}</title>
          <rect width={label.width} height={label.height} rx="3" />
          <text x={label.width / 2} y={label.height / 2} dominantBaseline="central" textAnchor="middle">
            {transition.label}
          </text>
        </g>
      )}
    </g>
  );
}

/** A triangle at the end of a line. */
function arrowHead(points: Point[]): string {
  const end = points[points.length - 1];
  const before = points[points.length - 2];
  const length = Math.hypot(end.x - before.x, end.y - before.y) || 1;
  const [dx, dy] = [(end.x - before.x) / length, (end.y - before.y) / length];
  const [x, y] = [end.x - 8 * dx, end.y - 8 * dy];
  return `M${end.x},${end.y}L${x - 4 * dy},${y + 4 * dx}L${x + 4 * dy},${y - 4 * dx}Z`;
}
