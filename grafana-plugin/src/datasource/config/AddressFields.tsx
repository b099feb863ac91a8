import React from 'react';
import { Input } from '@grafana/ui';
import { Setting } from './Setting';
import { Settings } from './settings';

/** What is wrong with the store's URL, as the backend sees it. */
export function urlError(text: string): string | undefined {
  if (text.trim() === '') {
    return 'Write the URL of the store';
  }
  const url = parsed(text.trim());
  if (!url || !['http:', 'https:'].includes(url.protocol) || !url.hostname) {
    return 'Write it like http://localhost:8123';
  }
  if (url.username || url.password) {
    return 'Write user and password below: everybody who sees this data source sees its URL';
  }
  return url.search || url.hash ? 'Leave out what follows ? and #' : undefined;
}

function parsed(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

export function AddressFields({ settings: { options, setUrl, setOption } }: { settings: Settings }) {
  return (
    <>
      <Setting
        label="URL"
        help="The HTTP interface of ClickHouse that Grafana's server reaches; port 8123, or 8443 with https, if none is written"
        error={urlError(options.url)}
      >
        {(id) => (
          <Input
            id={id}
            width={50}
            value={options.url}
            placeholder="http://localhost:8123"
            disabled={options.readOnly}
            onChange={(e) => setUrl(e.currentTarget.value)}
          />
        )}
      </Setting>
      <Setting label="Database" help="The database that Steptrace's collector writes">
        {(id) => (
          <Input
            id={id}
            width={50}
            value={options.jsonData.database ?? ''}
            placeholder="default"
            disabled={options.readOnly}
            onChange={(e) => setOption('database', e.currentTarget.value)}
          />
        )}
      </Setting>
    </>
  );
}
