import { DataSourceSettings } from '@grafana/data';
import { SteptraceOptions, SteptraceSecrets } from '../query';

type Options = DataSourceSettings<SteptraceOptions, SteptraceSecrets>;

/** The settings and how to change them. */
export interface Settings {
  options: Options;
  setUrl: (url: string) => void;
  setOption: <K extends keyof SteptraceOptions>(name: K, value: SteptraceOptions[K]) => void;
  /** Whether Grafana keeps the secret; it is never sent back. */
  hasSecret: (name: keyof SteptraceSecrets) => boolean;
  setSecret: (name: keyof SteptraceSecrets, value: string) => void;
  /** Forgets the secret, so that another can be written. */
  resetSecret: (name: keyof SteptraceSecrets) => void;
}

export function settingsOf(options: Options, change: (options: Options) => void): Settings {
  const secret = (name: keyof SteptraceSecrets, value: string, kept: boolean) =>
    change({
      ...options,
      secureJsonData: { ...options.secureJsonData, [name]: value },
      secureJsonFields: { ...options.secureJsonFields, [name]: kept },
    });
  return {
    options,
    setUrl: (url) => change({ ...options, url }),
    setOption: (name, value) => change({ ...options, jsonData: { ...options.jsonData, [name]: value } }),
    hasSecret: (name) => Boolean(options.secureJsonFields?.[name]),
    setSecret: (name, value) => secret(name, value, false),
    resetSecret: (name) => secret(name, '', false),
  };
}
