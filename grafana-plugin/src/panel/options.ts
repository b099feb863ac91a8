import { Measure } from '../workflow/states';
import { Orientation } from '../workflow/layout/geometry';

export interface WorkflowOptions {
  minimap: boolean;
  orientation: Orientation;
  compact: boolean;
  measure: Measure;
  /** Names of dashboard variables that a click sets; empty: none. */
  stateVariable: string;
  executionVariable: string;
}

export const defaultOptions: WorkflowOptions = {
  minimap: true,
  orientation: 'down',
  compact: false,
  measure: 'failures',
  stateVariable: '',
  executionVariable: '',
};
