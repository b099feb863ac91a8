import '@testing-library/jest-dom';
import { AppPluginMeta, AppRootProps } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { act, render } from '@testing-library/react';
import React, { useSyncExternalStore } from 'react';
import { App } from '../App';
import { AppSettings } from '../source/settings';

const subscribe = (changed: () => void) => locationService.getHistory().listen(changed);

// As Grafana does: the app is told the path, and again when that changes.
function Grafana({ settings }: { settings: AppSettings }) {
  const path = useSyncExternalStore(subscribe, () => locationService.getLocation().pathname);
  const meta = { id: 'steptrace-app', jsonData: settings } as AppPluginMeta<AppSettings>;
  const props: AppRootProps<AppSettings> = { path, meta, basename: '', query: {}, onNavChanged: () => undefined };
  return <App {...props} />;
}

/** Opens an address of the app, with the data sources that are installed. */
export async function open(address: string, settings: AppSettings = {}) {
  locationService.push(address);
  const rendered = render(<Grafana settings={settings} />);
  // The data source is loaded by a promise.
  await act(async () => undefined);
  return rendered;
}

/** The search of the address as it is now. */
export const search = () => decodeURIComponent(locationService.getLocation().search);
