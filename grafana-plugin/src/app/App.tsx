import React from 'react';
import { AppRootProps } from '@grafana/data';

export function App({ path }: AppRootProps) {
  return <pre>{path}</pre>;
}
