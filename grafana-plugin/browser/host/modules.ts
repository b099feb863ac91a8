import * as emotion from '@emotion/css';
import * as data from '@grafana/data';
import * as runtime from '@grafana/runtime';
import * as ui from '@grafana/ui';
import lodash from 'lodash';
import React from 'react';
import ReactDOM from 'react-dom';
import * as rxjs from 'rxjs';
import { version } from '../../package.json';
import datasource from '../../src/datasource/plugin.json';
import panel from '../../src/panel/plugin.json';
import app from '../../src/plugin.json';
import { Page } from './Page';
import { Panel } from './panels';

// Loads built plugin modules, which are AMD, as Grafana's loader does. A module that Grafana 10.1 does not provide is
// an error: it would be a request for a file that is not there.

// Grafana's own components, which its packages only have places for.
const components = { PanelRenderer: Panel, PluginPage: Page };

const provided: Record<string, unknown> = {
  '@emotion/css': emotion,
  '@grafana/data': data,
  '@grafana/runtime': { ...runtime, ...components },
  '@grafana/ui': ui,
  lodash,
  react: React,
  'react-dom': ReactDOM,
  rxjs,
};

type Factory = (...modules: unknown[]) => unknown;
type Defined = { dependencies: string[]; factory: Factory };

const defined = new Map<string, Defined>();
const loaded = new Map<string, Promise<unknown>>();

function define(dependencies: string[], factory: Factory) {
  defined.set((document.currentScript as HTMLScriptElement).src, { dependencies, factory });
}

Object.assign(window, { define: Object.assign(define, { amd: true }) });

declare global {
  interface Window {
    /** Grafana's setting plugins_cdn_base_url. */
    pluginsCDN?: string;
  }
}

const folders: Record<string, string> = { [app.id]: '', [datasource.id]: 'datasource/', [panel.id]: 'panel/' };

// addressOf is where Grafana has a plugin's module: its own path, or the folder of the app on a CDN.
const addressOf = (id: string) =>
  window.pluginsCDN
    ? `${window.pluginsCDN}/${app.id}/${version}/public/plugins/${app.id}/${folders[id]}module.js`
    : `public/plugins/${id}/module.js`;

// load returns what a plugin's module exports; once for each plugin.
export function load<T>(id: string): Promise<T> {
  const uri = new URL(addressOf(id), document.baseURI).href;
  let exports = loaded.get(uri);
  if (!exports) {
    exports = run(uri).then(() => made(uri));
    loaded.set(uri, exports);
  }
  return exports as Promise<T>;
}

function run(uri: string) {
  return new Promise<void>((resolve, reject) => {
    const script = document.createElement('script');
    script.src = uri;
    script.onload = () => resolve();
    script.onerror = () => reject(new Error(`${uri} could not be loaded`));
    document.head.append(script);
  });
}

function made(uri: string) {
  const module = defined.get(uri);
  if (!module) {
    throw new Error(`${uri} defines no AMD module`);
  }
  return module.factory(...module.dependencies.map((name) => resolve(name, uri)));
}

function resolve(name: string, uri: string) {
  if (name === 'module') {
    return { id: uri, uri };
  }
  if (!(name in provided)) {
    throw new Error(`${uri} wants the module ${name}, which Grafana 10.1 does not provide`);
  }
  return provided[name];
}
