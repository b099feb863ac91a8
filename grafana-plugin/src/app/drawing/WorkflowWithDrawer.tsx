import React from 'react';
import { DrawerLink, StateDrawer } from '../../workflow/details/StateDrawer';
import { LoadState } from '../../workflow/details/stateDetails';
import { WorkflowData } from '../../workflow/fromFrame';
import { WorkflowView, WorkflowViewProps } from '../../workflow/WorkflowView';
import { executionPath, href } from '../url/paths';

const executionHref = (arn: string) => href(executionPath(arn));

export interface Props extends Omit<WorkflowViewProps, 'definition' | 'states' | 'mode'> {
  data: WorkflowData;
  /** Where the drawer of a state leads to; without it a state that is selected has no drawer. */
  links?: (state: string) => DrawerLink[];
  load?: LoadState;
}

/** A workflow and, beside it, the state that is selected. */
export default function WorkflowWithDrawer({ data, links, load, ...view }: Props) {
  const { selected, onSelect } = view;
  const run = data.states.find(({ state }) => state === selected);
  return (
    <>
      <WorkflowView definition={data.definition} states={data.states} mode={data.mode} {...view} />
      {selected && links && (
        <StateDrawer
          state={selected}
          run={run}
          mode={data.mode}
          execution={data.execution.arn}
          load={load}
          links={links(selected)}
          executionHref={executionHref}
          onClose={() => onSelect?.(undefined)}
        />
      )}
    </>
  );
}
