import React, { ComponentType, useState } from 'react';
import { CoreApp, QueryEditorProps } from '@grafana/data';
import { act, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { SteptraceDataSource } from '../datasource';
import { SteptraceOptions, SteptraceQuery } from '../query';
import { dataSource, request } from './source';
import { templates } from './templates';

type Props = QueryEditorProps<SteptraceDataSource, SteptraceQuery, SteptraceOptions>;

/** Draws a query editor that keeps its query, as Grafana does; `query()` is what it has become. */
export async function edit(Editor: ComponentType<Props>, first: Partial<SteptraceQuery>, app = CoreApp.Dashboard) {
  const { source } = dataSource(templates({ machine: { value: 'orders' } }));
  const values = jest.spyOn(source.resources, 'values').mockResolvedValue([
    { text: 'orders', value: 'orders' },
    { text: 'image', value: 'image' },
  ]);
  const executions = jest
    .spyOn(source, 'executions')
    .mockResolvedValue([{ arn: 'arn:e1', name: 'e1', stateMachine: 'orders', status: 'FAILED', start: 0 }]);
  const onRunQuery = jest.fn();
  const seen: SteptraceQuery[] = [];
  const { range } = request([]);
  function Host() {
    const [query, setQuery] = useState({ refId: 'A', ...first } as SteptraceQuery);
    seen.push(query);
    return <Editor {...{ query, datasource: source, range, app, onRunQuery }} onChange={setQuery} />;
  }
  const { container } = render(<Host />);
  // Options of selects that are loaded at once.
  await settled();
  const query = () => JSON.parse(JSON.stringify(seen[seen.length - 1]));
  return { container, source, values, executions, onRunQuery, query, user: userEvent.setup() };
}

/** What has been asked for is answered and drawn. */
async function settled() {
  await act(async () => {
    await Promise.resolve();
  });
}

/** Opens a select by its name. */
export async function open(name: string) {
  const select = screen.getByRole('combobox', { name });
  act(() => select.focus());
  if (select.getAttribute('aria-expanded') !== 'true') {
    await userEvent.keyboard('{ArrowDown}');
    await settled();
  }
  return select;
}

/** Chooses an option of a select by the begin of its text. */
export async function choose(name: string, text: string) {
  await open(name);
  const options = await screen.findAllByRole('option');
  const option = options.find((o) => o.textContent?.startsWith(text));
  if (!option) {
    throw new Error(`${text} is none of ${options.map((o) => o.textContent).join(', ')}`);
  }
  await userEvent.click(option);
}

/** The names of an editor's controls in their order; a group of radio buttons is one. */
export function named(container: HTMLElement): string {
  const controls = container.querySelectorAll('input:not([type=radio]):not([aria-hidden]), textarea, [role=group]');
  return Array.from(controls, nameOf).join(', ');
}

function nameOf(control: Element): string {
  const label = control.id && document.querySelector(`label[for="${CSS.escape(control.id)}"]`)?.textContent;
  return control.getAttribute('aria-label') || label || `a ${control.tagName} without a name`;
}
