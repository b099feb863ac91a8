import React from 'react';
import { PanelProps } from '@grafana/data';

export function WorkflowPanel({ data }: PanelProps) {
  return <pre>{data.series.length}</pre>;
}
