import { DataFrame } from '@grafana/data';
import React from 'react';
import { Section } from '../ui/Section';
import { UrlRange } from '../url/timeRange';
export function HeatPart(_: { frame: DataFrame; machine: string; range: UrlRange }) {
  return <Section title="Workflow">{null}</Section>;
}
