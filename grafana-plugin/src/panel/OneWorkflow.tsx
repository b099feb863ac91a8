import React, { useCallback, useMemo, useState } from 'react';
import { PanelData } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { useStyles2 } from '@grafana/ui';
import { StateDrawer } from '../workflow/details/StateDrawer';
import { noticesOf, WorkflowData } from '../workflow/fromFrame';
import { Measure } from '../workflow/states';
import { WorkflowView } from '../workflow/WorkflowView';
import { executionHref, linksOf } from './links';
import { WorkflowOptions } from './options';
import { panelStyles } from './panelStyles';
import { loadStateFrom, sourceOf } from './source';
import { variablesFor } from './variables';

interface Props {
  workflow: WorkflowData;
  data: PanelData;
  options: WorkflowOptions;
  timeZone: string;
}

/** The drawing with the selected state's details beside it. */
export function OneWorkflow({ workflow, data, options, timeZone }: Props) {
  const styles = useStyles2(panelStyles);
  const { mode, states, execution } = workflow;
  const { stateVariable, executionVariable } = options;
  const [selected, setSelected] = useState<string>();
  const [measure, setMeasure] = useMeasure(options.measure);
  const uid = sourceOf(data, workflow.refId);
  const load = useMemo(() => (uid === undefined ? undefined : loadStateFrom(uid)), [uid]);
  const onSelect = useCallback(
    (state: string | undefined) => {
      setSelected(state);
      const variables = variablesFor({ stateVariable, executionVariable }, state, execution.arn);
      if (variables) {
        locationService.partial(variables, true);
      }
    },
    [stateVariable, executionVariable, execution.arn]
  );
  return (
    <div className={styles.body}>
      <WorkflowView
        definition={workflow.definition}
        states={states}
        mode={mode}
        selected={selected}
        onSelect={onSelect}
        orientation={options.orientation}
        compact={options.compact}
        minimap={options.minimap}
        measure={measure}
        onMeasure={setMeasure}
        notices={noticesOf(workflow)}
      />
      {selected !== undefined && (
        <StateDrawer
          state={selected}
          run={states.find(({ state }) => state === selected)}
          mode={mode}
          execution={execution.arn}
          load={load}
          links={linksOf(execution, selected, uid, data.timeRange)}
          executionHref={executionHref}
          timeZone={timeZone}
          onClose={() => onSelect(undefined)}
        />
      )}
    </div>
  );
}

/** What the viewer chose, until the panel's option is changed. */
function useMeasure(option: Measure): [Measure, (measure: Measure) => void] {
  const [chosen, setChosen] = useState<{ option: Measure; measure: Measure }>();
  return [chosen?.option === option ? chosen.measure : option, (measure) => setChosen({ option, measure })];
}
