import React, { useMemo, useState } from 'react';
import { PanelProps } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { fromFrame, isWorkflowFrame, WorkflowData } from '../workflow/fromFrame';
import { whyEmpty } from './empty';
import { OneWorkflow } from './OneWorkflow';
import { WorkflowOptions } from './options';
import { panelStyles } from './panelStyles';

/** The workflow of the query; of several, the one that was chosen. */
export function WorkflowPanel(props: PanelProps<WorkflowOptions>) {
  const { data, options, width, height, timeZone } = props;
  const styles = useStyles2(panelStyles);
  const workflows = useMemo(() => data.series.filter(isWorkflowFrame).map(fromFrame), [data.series]);
  const [chosen, setChosen] = useState(0);
  const workflow = workflows[chosen] ?? workflows[0];
  if (workflow === undefined) {
    return <p className={styles.empty}>{whyEmpty(data)}</p>;
  }
  return (
    <div className={styles.panel} style={{ width, height }}>
      {workflows.length > 1 && <Choice workflows={workflows} chosen={chosen} onChoose={setChosen} />}
      <OneWorkflow key={chosen} workflow={workflow} data={data} options={options} timeZone={timeZone} />
    </div>
  );
}

interface ChoiceProps {
  workflows: WorkflowData[];
  chosen: number;
  onChoose: (at: number) => void;
}

function Choice({ workflows, chosen, onChoose }: ChoiceProps) {
  const styles = useStyles2(panelStyles);
  return (
    <label className={styles.choice}>
      Workflow{' '}
      <select value={chosen} onChange={({ target }) => onChoose(Number(target.value))}>
        {workflows.map((workflow, at) => (
          <option key={at} value={at}>
            {titleOf(workflow, at)}
          </option>
        ))}
      </select>
    </label>
  );
}

function titleOf({ refId, stateMachineArn, execution }: WorkflowData, at: number): string {
  const machine = stateMachineArn.slice(stateMachineArn.lastIndexOf(':') + 1);
  return [refId ?? String(at + 1), machine, execution.name].filter(Boolean).join(' · ');
}
