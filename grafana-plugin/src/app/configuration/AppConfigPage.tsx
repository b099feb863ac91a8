import { PluginConfigPageProps, PluginMeta, SelectableValue } from '@grafana/data';
import { getBackendSrv, getDataSourceSrv } from '@grafana/runtime';
import { Alert, Button, LinkButton, Select } from '@grafana/ui';
import React, { useState } from 'react';
import { AppSettings, sourcesOf } from '../source/settings';
import { messageOf } from '../source/useLoaded';
import { Labelled } from '../ui/Labelled';
import { href } from '../url/paths';

type Props = PluginConfigPageProps<PluginMeta<AppSettings>>;

const first: SelectableValue<string> = { value: '', label: 'The first of the type Steptrace' };

/** The app's configuration: which data source its pages ask. */
export function AppConfigPage({ plugin: { meta } }: Props) {
  const [uid, setUid] = useState(meta.jsonData?.datasourceUid ?? '');
  const { save, saving, error } = useSave(meta);
  const sources = sourcesOf(getDataSourceSrv());
  const options = [first, ...sources.map(({ uid: value, name: label, url }) => ({ value, label, description: url }))];
  const gone = uid !== '' && !sources.some((source) => source.uid === uid);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void save({ ...meta.jsonData, datasourceUid: uid || undefined });
      }}
    >
      {sources.length === 0 && <NoSources />}
      <Labelled
        label="Data source of the pages"
        width={50}
        problem={gone ? `No data source of Steptrace has the uid ${uid}` : undefined}
      >
        {(id) => (
          <Select
            inputId={id}
            width={50}
            options={options}
            value={uid}
            onChange={(chosen) => setUid(chosen.value ?? '')}
          />
        )}
      </Labelled>
      {error && <Alert severity="error" title={`The configuration could not be saved: ${error}`} />}
      <Button type="submit" disabled={saving || gone} style={{ marginTop: 16 }}>
        {saving ? 'Saving…' : 'Save'}
      </Button>
    </form>
  );
}

function useSave(meta: PluginMeta<AppSettings>) {
  const [saving, setSaving] = useState(false);
  const [error, setError] = useState('');
  const save = async (jsonData: AppSettings) => {
    setSaving(true);
    setError('');
    try {
      const { enabled, pinned } = meta;
      await getBackendSrv().post(`/api/plugins/${meta.id}/settings`, { enabled, pinned, jsonData });
      // Grafana reads an app's settings once, when it is loaded.
      window.location.reload();
    } catch (err) {
      setError(messageOf(err));
    }
    setSaving(false);
  };
  return { save, saving, error };
}

function NoSources() {
  return (
    <Alert severity="info" title="Steptrace has no data source yet">
      <LinkButton variant="primary" href={href('/connections/datasources/new')}>
        Add a data source
      </LinkButton>
    </Alert>
  );
}
