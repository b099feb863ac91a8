import { Node } from '@xyflow/react';
import { isMark, StateNode } from '../graph';
import { Placed } from '../indexWorkflow';
import { Layout } from '../layout/geometry';
import { failureShare, Measure, Mode, StateRun } from '../states';
import { accessibleName, waysOn } from './describe';

export interface BoxData extends Record<string, unknown> {
  state: StateNode;
  run?: StateRun;
  mode: Mode;
  measure: Measure;
  /** How bad it is by the measure, 0 to 1. */
  heat: number;
  /** Of the longest p95 of all states, 0 to 1. */
  p95Share: number;
  name: string;
  ways: string;
  compact: boolean;
}

export type BoxNode = Node<BoxData, 'box' | 'container' | 'mark'>;

export interface Shown {
  mode: Mode;
  measure: Measure;
  compact: boolean;
}

/** The boxes as React Flow takes them: placed absolutely, and above each other as they hold each other. */
export function nodesOf(
  layout: Layout,
  index: Map<string, Placed>,
  runs: Map<string, StateRun>,
  shown: Shown
): BoxNode[] {
  const longest = Math.max(0, ...[...runs.values()].map(({ p95Ms }) => p95Ms ?? 0));
  return layout.boxes.map(({ id, x, y, width, height, depth }) => {
    const { state, machine } = index.get(id)!;
    const run = runs.get(state.name);
    const p95Share = run?.p95Ms && longest > 0 ? run.p95Ms / longest : 0;
    return {
      id,
      type: typeOf(state),
      position: { x, y },
      width,
      height,
      measured: { width, height },
      ariaRole: 'presentation',
      zIndex: boxLevel(depth),
      data: {
        ...shown,
        state,
        run,
        p95Share,
        heat: heatOf(run, shown, p95Share),
        name: accessibleName(state, run, shown.mode),
        ways: waysOn(state, machine),
      },
    };
  });
}

/** Lines are below the boxes of their own machine and above the container that holds them. */
export const lineLevel = (depth: number) => 2 * depth;
export const boxLevel = (depth: number) => 2 * depth + 1;

const typeOf = ({ type, machines }: StateNode) => (isMark(type) ? 'mark' : machines.length > 0 ? 'container' : 'box');

function heatOf(run: StateRun | undefined, { mode, measure }: Shown, p95Share: number): number {
  if (run === undefined || mode === 'execution') {
    return 0;
  }
  return measure === 'failures' ? failureShare(run) : p95Share;
}
