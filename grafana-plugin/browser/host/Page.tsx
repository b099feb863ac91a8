import { config, PluginPageProps } from '@grafana/runtime';
import React from 'react';

// What stands for the frame of Grafana's pages.
export function Page({ pageNav, subTitle, actions, info, renderTitle, children }: PluginPageProps) {
  const title = pageNav?.text ?? '';
  return (
    <main style={{ padding: config.theme2.spacing(2) }}>
      {title && (renderTitle ? renderTitle(title) : <h1>{title}</h1>)}
      {info?.map(({ label, value }) => (
        <span key={label}>
          {label} {value}
        </span>
      ))}
      {actions}
      {subTitle}
      {children}
    </main>
  );
}
