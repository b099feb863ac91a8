import React from 'react';
import { Input, SecretInput } from '@grafana/ui';
import { Setting } from './Setting';
import { Settings } from './settings';

export function LoginFields({ settings }: { settings: Settings }) {
  const { options, setOption } = settings;
  return (
    <>
      <Setting
        label="Username"
        help="A user that may only read: everybody who may ask this data source can send SQL as this user"
      >
        {(id) => (
          <Input
            id={id}
            width={50}
            value={options.jsonData.username ?? ''}
            placeholder="default"
            disabled={options.readOnly}
            onChange={(e) => setOption('username', e.currentTarget.value)}
          />
        )}
      </Setting>
      <Setting label="Password" help="Kept by Grafana as a secret, and never sent to a browser">
        {(id) => (
          <SecretInput
            id={id}
            width={50}
            isConfigured={settings.hasSecret('password')}
            value={options.secureJsonData?.password ?? ''}
            disabled={options.readOnly}
            onReset={() => settings.resetSecret('password')}
            onChange={(e) => settings.setSecret('password', e.currentTarget.value)}
          />
        )}
      </Setting>
    </>
  );
}
