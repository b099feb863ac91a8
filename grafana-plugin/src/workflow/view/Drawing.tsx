import React, { useEffect, useMemo, useRef } from 'react';
import { Controls, MiniMap, ReactFlow, useReactFlow, useStore, ViewportPortal } from '@xyflow/react';
import '@xyflow/react/dist/style.css';
import { useTheme2 } from '@grafana/ui';
import { Taken } from '../flow';
import { eachMachine, Transition, Workflow } from '../graph';
import { Box, Layout, Route } from '../layout/geometry';
import { boxTypes } from './boxes';
import { BoxNode } from './elements';
import { Lines } from './Lines';
import { statusColor } from './statusStyle';
import { centred, firstViewport, shows, zooms } from './viewport';

interface Props {
  workflow: Workflow;
  layout: Layout;
  nodes: BoxNode[];
  taken: Map<string, Taken>;
  minimap: boolean;
  /** The state that is shown first if not all can be. */
  anchor?: Box;
  /** A box that has to be seen. */
  wanted?: Box;
}

/** The drawing itself: React Flow moves and zooms it, shows what can be seen, and has the map and the buttons. */
export function Drawing({ workflow, layout, nodes, taken, minimap, anchor, wanted }: Props) {
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
      <Controls showInteractive={false} />
      {minimap && (
        <MiniMap<BoxNode>
          pannable
          zoomable
          ariaLabel="Map of the workflow"
          nodeColor={({ data }) => statusColor(theme, data.run?.status ?? 'NOT_REACHED').line}
        />
      )}
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

/** Looks at a new layout once, as soon as the view has a size; from then on only people move it. */
function FirstView({ layout, anchor }: Pick<Props, 'layout' | 'anchor'>) {
  const { setViewport } = useReactFlow();
  const { width, height } = useViewSize();
  const seen = useRef<Layout>(undefined);
  useEffect(() => {
    if (width > 0 && height > 0 && seen.current !== layout) {
      seen.current = layout;
      void setViewport(firstViewport(layout, { width, height }, anchor));
    }
  }, [layout, anchor, width, height, setViewport]);
  return null;
}

/** Brings a box into sight that the keyboard has gone to. */
function Follow({ wanted }: Pick<Props, 'wanted'>) {
  const { getViewport, setViewport } = useReactFlow();
  const { width, height } = useViewSize();
  useEffect(() => {
    const viewport = getViewport();
    if (
      wanted &&
      width > 0 &&
      !shows(viewport, { width, height }, { ...wanted, height: Math.min(wanted.height, 64) })
    ) {
      void setViewport(centred({ ...wanted, height: 64 }, { width, height }, viewport.zoom));
    }
  }, [wanted, width, height, getViewport, setViewport]);
  return null;
}
