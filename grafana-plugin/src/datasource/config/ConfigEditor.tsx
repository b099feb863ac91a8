import React from 'react';
import { DataSourcePluginOptionsEditorProps } from '@grafana/data';
import { FieldSet } from '@grafana/ui';
import { SteptraceOptions, SteptraceSecrets } from '../query';
import { AddressFields } from './AddressFields';
import { LoginFields } from './LoginFields';
import { settingsOf } from './settings';
import { TlsFields } from './TlsFields';

type Props = DataSourcePluginOptionsEditorProps<SteptraceOptions, SteptraceSecrets>;

/** The settings of a data source: how to reach the store, as whom, and whom to trust. */
export function ConfigEditor({ options, onOptionsChange }: Props) {
  const settings = settingsOf(options, onOptionsChange);
  return (
    <>
      <FieldSet label="Store">
        <AddressFields settings={settings} />
      </FieldSet>
      <FieldSet label="User">
        <LoginFields settings={settings} />
      </FieldSet>
      <FieldSet label="TLS">
        <TlsFields settings={settings} />
      </FieldSet>
    </>
  );
}
