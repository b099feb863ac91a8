import { PanelPlugin } from '@grafana/data';
import { defaultOptions, WorkflowOptions } from './options';
import { WorkflowPanel } from './WorkflowPanel';

const variables = ['Variables set by a click'];

export const plugin = new PanelPlugin<WorkflowOptions>(WorkflowPanel).setPanelOptions((options) =>
  options
    .addRadio({
      path: 'orientation',
      name: 'Direction',
      defaultValue: defaultOptions.orientation,
      settings: {
        options: [
          { value: 'down', label: 'Top down' },
          { value: 'right', label: 'Left to right' },
        ],
      },
    })
    .addBooleanSwitch({ path: 'minimap', name: 'Map', defaultValue: defaultOptions.minimap })
    .addBooleanSwitch({
      path: 'compact',
      name: 'Compact',
      description: 'Names and status only',
      defaultValue: defaultOptions.compact,
    })
    .addRadio({
      path: 'measure',
      name: 'Colour by',
      description: 'Of a query over many executions',
      defaultValue: defaultOptions.measure,
      settings: {
        options: [
          { value: 'failures', label: 'Share that failed' },
          { value: 'p95', label: 'p95 duration' },
        ],
      },
    })
    .addTextInput({
      path: 'stateVariable',
      name: 'State',
      description: 'The name of the variable that takes the name of the state',
      category: variables,
      defaultValue: defaultOptions.stateVariable,
    })
    .addTextInput({
      path: 'executionVariable',
      name: 'Execution',
      description: 'The name of the variable that takes the ARN of the execution',
      category: variables,
      defaultValue: defaultOptions.executionVariable,
    })
);
