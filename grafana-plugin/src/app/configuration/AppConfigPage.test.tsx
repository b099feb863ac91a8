import '@testing-library/jest-dom';
import { PluginMeta } from '@grafana/data';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';
import { AppSettings } from '../source/settings';
import { FakeSource, install } from '../testing/source';
import { AppConfigPage } from './AppConfigPage';

const post = jest.fn();

jest.mock('@grafana/runtime', () => ({
  ...jest.requireActual('@grafana/runtime'),
  getBackendSrv: () => ({ post }),
}));

function show(jsonData: AppSettings, ...sources: FakeSource[]) {
  install(...sources);
  post.mockReset();
  const meta = { id: 'steptrace-app', enabled: true, pinned: false, jsonData } as PluginMeta<AppSettings>;
  render(<AppConfigPage plugin={{ meta } as never} query={{}} />);
}

const sources = () => [new FakeSource({}, 'first'), new FakeSource({}, 'second')];

it('saves the data source that is chosen', async () => {
  show({}, ...sources());
  post.mockRejectedValue({ data: { message: 'Access denied' } });
  await userEvent.type(screen.getByLabelText('Data source of the pages'), 'second{Enter}');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  expect(post).toHaveBeenCalledWith('/api/plugins/steptrace-app/settings', {
    enabled: true,
    pinned: false,
    jsonData: { datasourceUid: 'second' },
  });
  expect(screen.getByText('The configuration could not be saved: Access denied')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Save' })).toBeEnabled();
});

it('shows the one that is configured', () => {
  show({ datasourceUid: 'second' }, ...sources());
  expect(screen.getByText('Source second')).toBeVisible();
});

it('says that the one that is configured is gone', () => {
  show({ datasourceUid: 'gone' }, ...sources());
  expect(screen.getByRole('alert')).toHaveTextContent('No data source of Steptrace has the uid gone');
  expect(screen.getByRole('button', { name: 'Save' })).toBeDisabled();
});

it('says what to do without a data source', () => {
  show({});
  expect(screen.getByRole('link', { name: 'Add a data source' })).toBeVisible();
});
