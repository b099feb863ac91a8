import React, { useState } from 'react';
import { PanelProps } from '@grafana/data';
import { WorkflowView } from '../workflow/WorkflowView';

export function WorkflowPanel({ data }: PanelProps) {
  const [selected, setSelected] = useState<string>();
  const frame = data.series[0];
  return (
    <WorkflowView
      definition={frame?.meta?.custom?.definition}
      states={[]}
      mode="execution"
      selected={selected}
      onSelect={setSelected}
    />
  );
}
