import React, { KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { ReactFlowProvider } from '@xyflow/react';
import { useStyles2 } from '@grafana/ui';
import { inferFlow } from './flow';
import { isMark } from './graph';
import { indexWorkflow } from './indexWorkflow';
import { Orientation } from './layout/geometry';
import { byName, Measure, Mode, StateRun } from './states';
import { ViewContext } from './view/context';
import { Drawing } from './view/Drawing';
import { nodesOf } from './view/elements';
import { Legend } from './view/Legend';
import { Announcer } from './view/Announcer';
import { Notices } from './view/Notices';
import { anchorOf, takenOf } from './view/emphasis';
import { firstState, idOf, neighbour, stepOf } from './view/navigation';
import { useLayout } from './view/useLayout';
import { viewStyles } from './view/viewStyles';
import { workflowOf } from './workflowOf';

export interface WorkflowViewProps {
  /** Amazon States Language, as text or as an object; null where it is not known. */
  definition: unknown;
  states: StateRun[];
  mode: Mode;
  /** The name of the selected state. */
  selected?: string;
  /** Is told the name of a state that was opened, and undefined when it was closed. */
  onSelect?: (state: string | undefined) => void;
  orientation?: Orientation;
  compact?: boolean;
  minimap?: boolean;
  /** What the colours of mode `aggregate` say. */
  measure?: Measure;
  onMeasure?: (measure: Measure) => void;
  /** What else people should know of the data. */
  notices?: string[];
}

const none: string[] = [];

/** Draws a state machine with what became of its states. It fills its parent. */
export function WorkflowView(props: WorkflowViewProps) {
  const { definition, states, mode, selected, onSelect, measure = 'failures', notices = none } = props;
  const { orientation = 'down', compact = false, minimap = true } = props;
  const styles = useStyles2(viewStyles);
  const key = useDrawnKey(definition, states);
  // eslint-disable-next-line react-hooks/exhaustive-deps -- the key says all of the states that matters here
  const workflow = useMemo(() => workflowOf(definition, states), [key]);
  const index = useMemo(() => indexWorkflow(workflow), [workflow]);
  const runs = useMemo(() => byName(states), [states]);
  const { layout, error } = useLayout(key, workflow, { orientation, compact });
  const nodes = useMemo(
    () => (layout ? nodesOf(layout, index, runs, { mode, measure, compact }) : []),
    [layout, index, runs, mode, measure, compact]
  );
  const taken = useMemo(() => takenOf(inferFlow(workflow, runs), index, runs), [workflow, index, runs]);
  const boxes = useMemo(() => new Map(layout?.boxes.map((box) => [box.id, box])), [layout]);
  const [stop, setStop] = useState<string>();
  const [wanted, setWanted] = useState<string>();
  const tabStop = stop !== undefined && index.has(stop) ? stop : firstState(index);
  useReturn(selected, () => setWanted(tabStop));

  const open = useCallback(
    (id: string) => {
      const placed = index.get(id);
      if (placed && !isMark(placed.state.type)) {
        onSelect?.(placed.state.name);
      }
    },
    [index, onSelect]
  );
  const focused = useCallback((id: string) => {
    setStop(id);
    setWanted(undefined);
  }, []);
  const view = useMemo(
    () => ({ selected, tabStop, wanted, open, focused }),
    [selected, tabStop, wanted, open, focused]
  );

  const onKeyDown = (event: KeyboardEvent) => {
    const step = stepOf(event.key, orientation);
    if (event.key === 'Escape' && selected !== undefined) {
      onSelect?.(undefined);
    } else if (step && tabStop && layout) {
      event.preventDefault();
      const onBox = (event.target as HTMLElement).closest('[data-state]') !== null;
      setWanted(onBox ? neighbour(tabStop, step, index, boxes, orientation) : tabStop);
    } else if (event.key === 'Home') {
      event.preventDefault();
      setWanted(firstState(index));
    }
  };

  return (
    <div className={styles.view}>
      <Notices notices={error ? [...notices, `The layout failed: ${error}`] : notices} messages={workflow.messages} />
      <div
        className={styles.drawing}
        role="group"
        tabIndex={0}
        aria-label="Workflow. Arrow keys go from state to state, Enter opens one, Escape closes it."
        onKeyDown={onKeyDown}
      >
        <ViewContext.Provider value={view}>
          {layout && (
            <ReactFlowProvider key={key + orientation + compact}>
              <Drawing
                workflow={workflow}
                layout={layout}
                nodes={nodes}
                taken={taken}
                minimap={minimap}
                anchor={anchorOf(index, runs, boxes)}
                wanted={boxes.get(wanted ?? '')}
                opened={boxes.get(idOf(selected, index, tabStop) ?? '')}
              />
            </ReactFlowProvider>
          )}
          {!layout && !error && <p className={styles.wait}>Laying out {workflow.states} states …</p>}
        </ViewContext.Provider>
      </div>
      <Legend
        mode={mode}
        elsewhere={states.some(({ status }) => status === 'ELSEWHERE')}
        measure={measure}
        onMeasure={props.onMeasure}
      />
      <Announcer runs={runs} mode={mode} />
    </div>
  );
}

/** Calls back when the selection ended and nothing has the focus any more: whoever showed the state had it. */
function useReturn(selected: string | undefined, back: () => void) {
  const before = useRef(selected);
  useEffect(() => {
    if (before.current !== undefined && selected === undefined && document.activeElement === document.body) {
      back();
    }
    before.current = selected;
  });
}

/** What decides the drawing's shape: the definition, and the names of the states if they may be drawn beside it. */
function useDrawnKey(definition: unknown, states: StateRun[]): string {
  const text = useMemo(
    () => (typeof definition === 'string' ? definition : (JSON.stringify(definition) ?? '')),
    [definition]
  );
  return `${text}\n${JSON.stringify(states.map(({ state }) => state).sort())}`;
}
