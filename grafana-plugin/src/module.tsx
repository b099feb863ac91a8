import { AppPlugin } from '@grafana/data';
import { App } from './app/App';
import { AppConfigPage } from './app/configuration/AppConfigPage';
import { AppSettings } from './app/source/settings';

export const plugin = new AppPlugin<AppSettings>().setRootPage(App).addConfigPage({
  title: 'Configuration',
  icon: 'cog',
  body: AppConfigPage,
  id: 'configuration',
});
