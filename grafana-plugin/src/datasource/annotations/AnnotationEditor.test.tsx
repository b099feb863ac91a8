import { screen } from '@testing-library/react';
import { axe } from '../testing/axe';
import { choose, edit, named, open } from '../testing/editor';
import { AnnotationEditor } from './AnnotationEditor';

it('offers what has times, without format and live', async () => {
  const { container } = await edit(AnnotationEditor, {});
  expect(named(container)).toBe('Query, State machines, States, Errors, Failures of, Caught too, Limit');
  await open('Query');
  expect((await screen.findAllByRole('option')).map((o) => o.textContent)).toEqual([
    expect.stringMatching(/^Executions/),
    expect.stringMatching(/^Events/),
    expect.stringMatching(/^Failures/),
    expect.stringMatching(/^Map Runs/),
    expect.stringMatching(/^SQL/),
  ]);
  expect(await axe(container)).toEqual([]);
});

it('changes its query', async () => {
  const { query, onRunQuery } = await edit(AnnotationEditor, {});
  await choose('State machines', 'orders');
  expect(query()).toEqual({
    refId: 'A',
    queryType: 'failures',
    format: 'table',
    limit: 200,
    live: false,
    stateMachines: ['orders'],
  });
  expect(onRunQuery).toHaveBeenCalledTimes(1);
});
