import React, { useEffect, useMemo, useRef } from 'react';
import { Controls, ReactFlow, useReactFlow, useStore, ViewportPortal } from '@xyflow/react';
import '@xyflow/react/dist/style.css';
import { useTheme2 } from '@grafana/ui';
import { Taken } from '../flow';
import { eachMachine, Transition, Workflow } from '../graph';
import { Box, Layout, Route } from '../layout/geometry';
import { boxTypes } from './boxes';
import { BoxNode } from './elements';
import { Lines } from './Lines';
import { Overview } from './Overview';
import { centred, firstViewport, shows, Viewport, zooms } from './viewport';

interface Props {
  workflow: Workflow;
  layout: Layout;
  nodes: BoxNode[];
  taken: Map<string, Taken>;
  minimap: boolean;
  /** The state that is shown first if not all can be. */
  anchor?: Box;
  /** Boxes that have to be seen: what the keyboard has gone to, and the state whose details are shown. */
  wanted?: Box;
  opened?: Box;
}

/** The drawing itself: React Flow moves and zooms it, shows what can be seen, and has the map and the buttons. */
export function Drawing({ workflow, layout, nodes, taken, minimap, anchor, wanted, opened }: Props) {
  const theme = useTheme2();
  return (
    <ReactFlow
      nodes={nodes}
      nodeTypes={boxTypes}
      colorMode={theme.isDark ? 'dark' : 'light'}
      minZoom={zooms.least}
      maxZoom={zooms.most}
      zIndexMode="manual"
      onlyRenderVisibleElements
      nodesDraggable={false}
      nodesConnectable={false}
      nodesFocusable={false}
      elementsSelectable={false}
      disableKeyboardA11y
      deleteKeyCode={null}
      selectionKeyCode={null}
      multiSelectionKeyCode={null}
      panActivationKeyCode={null}
      zoomOnScroll={false}
      zoomOnDoubleClick={false}
      preventScrolling={false}
      proOptions={{ hideAttribution: true }}
    >
      <AllLines workflow={workflow} layout={layout} taken={taken} />
      <FirstView layout={layout} anchor={anchor} />
      <Follow wanted={wanted} />
      <Follow wanted={opened} />
      <Controls showInteractive={false} />
      {minimap && <Overview layout={layout} />}
    </ReactFlow>
  );
}

function AllLines({ workflow, layout, taken }: Pick<Props, 'workflow' | 'layout' | 'taken'>) {
  const transitions = useMemo(() => transitionsById(workflow), [workflow]);
  const levels = useMemo(() => byDepth(layout.routes), [layout]);
  return (
    <ViewportPortal>
      {[...levels].map(([depth, routes]) => (
        <Lines key={depth} depth={depth} routes={routes} transitions={transitions} taken={taken} />
      ))}
    </ViewportPortal>
  );
}

function transitionsById(workflow: Workflow): Map<string, Transition> {
  const found = new Map<string, Transition>();
  eachMachine(workflow.machine, ({ transitions }) => transitions.forEach((each) => found.set(each.id, each)));
  return found;
}

function byDepth(routes: Route[]): Map<number, Route[]> {
  const levels = new Map<number, Route[]>();
  for (const route of routes) {
    levels.set(route.depth, [...(levels.get(route.depth) ?? []), route]);
  }
  return levels;
}

const useViewSize = () => ({ width: useStore(({ width }) => width), height: useStore(({ height }) => height) });

/** Looks at a new layout as soon as the view has a size, and anew when that changes, until people have moved it. */
function FirstView({ layout, anchor }: Pick<Props, 'layout' | 'anchor'>) {
  const { getViewport, setViewport } = useReactFlow();
  const { width, height } = useViewSize();
  const seen = useRef<{ layout: Layout; size: string; viewport: Viewport }>(undefined);
  useEffect(() => {
    const size = `${width} ${height}`;
    const before = seen.current;
    const known = before?.layout === layout && (before.size === size || !equal(before.viewport, getViewport()));
    if (width > 0 && height > 0 && !known) {
      const viewport = firstViewport(layout, { width, height }, anchor);
      seen.current = { layout, size, viewport };
      void setViewport(viewport);
    }
  }, [layout, anchor, width, height, getViewport, setViewport]);
  return null;
}

const equal = (a: Viewport, b: Viewport) => a.x === b.x && a.y === b.y && a.zoom === b.zoom;

/** Brings a box into sight, of a container where its name is. */
function Follow({ wanted }: Pick<Props, 'wanted'>) {
  const { getViewport, setViewport } = useReactFlow();
  const { width, height } = useViewSize();
  useEffect(() => {
    const viewport = getViewport();
    const head = wanted && { ...wanted, width: Math.min(wanted.width, 240), height: Math.min(wanted.height, 64) };
    if (head && width > 0 && !shows(viewport, { width, height }, head)) {
      void setViewport(centred(head, { width, height }, viewport.zoom));
    }
  }, [wanted, width, height, getViewport, setViewport]);
  return null;
}
