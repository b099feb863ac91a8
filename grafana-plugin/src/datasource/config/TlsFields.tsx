import React from 'react';
import { SecretTextArea, Switch } from '@grafana/ui';
import { Setting } from './Setting';
import { Settings } from './settings';

export function TlsFields({ settings }: { settings: Settings }) {
  const { options, setOption } = settings;
  const { tlsAuthWithCACert = false, tlsSkipVerify = false } = options.jsonData;
  return (
    <>
      <Setting
        label="With CA Cert"
        help="The server's certificate is signed by an authority that Grafana's machine does not know"
      >
        {(id) => (
          <Switch
            id={id}
            value={tlsAuthWithCACert}
            disabled={options.readOnly}
            onChange={() => setOption('tlsAuthWithCACert', !tlsAuthWithCACert)}
          />
        )}
      </Setting>
      {tlsAuthWithCACert && <Certificate settings={settings} />}
      <Setting
        label="Skip TLS Verify"
        help="Trust any certificate: whoever is between Grafana and the store can read and change what they say"
      >
        {(id) => (
          <Switch
            id={id}
            value={tlsSkipVerify}
            disabled={options.readOnly}
            onChange={() => setOption('tlsSkipVerify', !tlsSkipVerify)}
          />
        )}
      </Setting>
    </>
  );
}

function Certificate({ settings }: { settings: Settings }) {
  const { options } = settings;
  const text = options.secureJsonData?.tlsCACert ?? '';
  const wrong = text !== '' && !text.includes('-----BEGIN CERTIFICATE-----');
  return (
    <Setting
      label="CA Cert"
      help="The authority's certificate in PEM form"
      error={wrong ? 'Write it from -----BEGIN CERTIFICATE----- on' : undefined}
    >
      {(id) => (
        <SecretTextArea
          id={id}
          cols={60}
          rows={8}
          placeholder="-----BEGIN CERTIFICATE-----"
          isConfigured={settings.hasSecret('tlsCACert')}
          value={text}
          disabled={options.readOnly}
          onReset={() => settings.resetSecret('tlsCACert')}
          onChange={(e) => settings.setSecret('tlsCACert', e.currentTarget.value)}
        />
      )}
    </Setting>
  );
}
