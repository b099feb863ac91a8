import React, { useState } from 'react';
import { DataSourceSettings } from '@grafana/data';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { SteptraceOptions, SteptraceSecrets } from '../query';
import { axe } from '../testing/axe';
import { urlError } from './AddressFields';
import { ConfigEditor } from './ConfigEditor';

type Options = DataSourceSettings<SteptraceOptions, SteptraceSecrets>;

/** Draws the editor, which keeps its options as Grafana does; `options()` is what they have become. */
function configure(first: Partial<Options> = {}) {
  const seen: Options[] = [];
  function Host() {
    const [options, setOptions] = useState({ url: '', jsonData: {}, ...first } as Options);
    seen.push(options);
    return <ConfigEditor options={options} onOptionsChange={setOptions} />;
  }
  const { container } = render(<Host />);
  return { container, options: () => seen[seen.length - 1] };
}

it('keeps address and user, and the password as a secret', async () => {
  const { options } = configure();
  await userEvent.type(screen.getByLabelText(/^URL/), 'http://store:8123');
  await userEvent.type(screen.getByLabelText(/^Database/), 'steptrace');
  await userEvent.type(screen.getByLabelText(/^Username/), 'steptrace_reader');
  await userEvent.type(screen.getByLabelText(/^Password/), 'hush');
  expect(options()).toEqual({
    url: 'http://store:8123',
    jsonData: { database: 'steptrace', username: 'steptrace_reader' },
    secureJsonData: { password: 'hush' },
    secureJsonFields: { password: false },
  });
});

it('shows that there is a password, and lets another be written', async () => {
  const { options } = configure({ secureJsonFields: { password: true } });
  expect(screen.getByLabelText(/^Password/)).toBeDisabled();
  await userEvent.click(screen.getByRole('button', { name: 'Reset' }));
  expect(options()).toMatchObject({ secureJsonData: { password: '' }, secureJsonFields: { password: false } });
  await userEvent.type(screen.getByLabelText(/^Password/), 'x');
  expect(options().secureJsonData).toEqual({ password: 'x' });
});

it('takes a certificate', async () => {
  const { options } = configure();
  expect(screen.queryByLabelText(/^CA Cert/)).toBeNull();
  await userEvent.click(screen.getByLabelText(/^With CA Cert/));
  await userEvent.type(screen.getByLabelText(/^CA Cert/), 'MIIB');
  expect(screen.getByText('Write it from -----BEGIN CERTIFICATE----- on')).toBeVisible();
  await userEvent.clear(screen.getByLabelText(/^CA Cert/));
  await userEvent.type(screen.getByLabelText(/^CA Cert/), '-----BEGIN CERTIFICATE-----');
  expect(screen.queryByText(/Write it from/)).toBeNull();
  await userEvent.click(screen.getByLabelText(/^Skip TLS Verify/));
  expect(options().jsonData).toEqual({ tlsAuthWithCACert: true, tlsSkipVerify: true });
  expect(options().secureJsonData).toEqual({ tlsCACert: '-----BEGIN CERTIFICATE-----' });
});

it.each([
  ['http://localhost:8123', undefined],
  ['https://store/proxy', undefined],
  ['', 'Write the URL of the store'],
  ['localhost:8123', 'Write it like http://localhost:8123'],
  ['ftp://store', 'Write it like http://localhost:8123'],
  ['http://', 'Write it like http://localhost:8123'],
  ['http://me:hush@store', expect.stringMatching(/^Write user and password below/)],
  ['http://store?database=x', 'Leave out what follows ? and #'],
])('sees what is wrong with %j', (url, want) => {
  expect(urlError(url)).toEqual(want);
});

it('has a name for every control', async () => {
  const { container } = configure({ url: 'http://store:8123', jsonData: { tlsAuthWithCACert: true } });
  expect(await axe(container)).toEqual([]);
});

it('cannot be changed where it is provisioned', () => {
  const { container } = configure({ readOnly: true, jsonData: { tlsAuthWithCACert: true } });
  for (const control of container.querySelectorAll('input, textarea')) {
    expect(control).toBeDisabled();
  }
});
