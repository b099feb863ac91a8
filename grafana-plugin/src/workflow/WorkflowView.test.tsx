import React, { StrictMode } from 'react';
import { act, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { chain } from './layout/testing/machines';
import { StateRun } from './states';
import { run } from './testing/runs';
import { giveSize } from './testing/size';
import { WorkflowView, WorkflowViewProps } from './WorkflowView';

const definition = {
  StartAt: 'Detect',
  States: {
    Detect: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 2 }],
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Bad' }],
      Next: 'Each',
    },
    Each: {
      Type: 'Map',
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED' },
        StartAt: 'Store',
        States: { Store: { Type: 'Task', Resource: 'arn:aws:states:::aws-sdk:s3:putObject', End: true } },
      },
      End: true,
    },
    Bad: { Type: 'Fail', Error: 'Bad' },
  },
};

const runs: StateRun[] = [
  run('Detect', { status: 'CAUGHT', visits: 1, caught: 1, attempts: 3, retries: 2, durationMs: 1500, error: 'Boom' }),
  run('Each', { status: 'NOT_REACHED' }),
  run('Store', { status: 'NOT_REACHED' }),
  run('Bad', { status: 'FAILED', visits: 1, failed: 1, durationMs: 3, error: 'Bad' }),
];

const viewOf = (props: Partial<WorkflowViewProps> = {}) => (
  <StrictMode>
    <WorkflowView definition={definition} states={runs} mode="execution" onSelect={() => {}} {...props} />
  </StrictMode>
);

/** A click without the mouse's way down: d3's zoom wants a window of that event, which jsdom's has not. */
function press(element: HTMLElement) {
  act(() => element.focus());
  fireEvent.click(element);
}

const boxes = () => [...document.querySelectorAll<HTMLElement>('button[data-state]')];
const box = (name: string) => boxes().find(({ dataset }) => dataset.state === name)!;

let errors: jest.SpyInstance;
beforeEach(() => {
  giveSize(1600, 1200);
  errors = jest.spyOn(console, 'error');
});
afterEach(() => {
  expect(errors).not.toHaveBeenCalled();
  errors.mockRestore();
});

test('each state says all that it shows', () => {
  render(viewOf());
  expect(boxes().map((each) => each.getAttribute('aria-label'))).toEqual([
    'Detect, Task, caught, error Boom, took 1.5 s, 2 retries, retries on States.ALL ×2',
    'Each, distributed Map, not reached',
    'Store, Task, not reached',
    'Bad, Fail, failed, error Bad, took 3 ms',
  ]);
  expect(box('Detect')).toHaveTextContent('Caught · 1.5 s · Boom');
  expect(box('Detect').getAttribute('aria-description')).toBe('goes to Each; on States.ALL to Bad');
});

test('a state that runs in other executions says so, and the legend explains it only then', () => {
  const { rerender } = render(viewOf());
  const legend = () => within(screen.getByRole('list', { name: 'Legend' })).queryByText('In other executions');
  expect(legend()).toBeNull();
  rerender(viewOf({ states: [...runs.slice(0, 2), run('Store', { status: 'ELSEWHERE' }), runs[3]] }));
  expect(box('Store').getAttribute('aria-label')).toBe('Store, Task, in other executions');
  expect(box('Store')).toHaveTextContent('In other executions');
  expect(box('Store')).not.toHaveTextContent('Not reached');
  expect(legend()).toBeInTheDocument();
});

test('of a state that runs there is no duration until one is known', () => {
  const running = run('Detect', { status: 'RUNNING', visits: 1, running: 1, durationMs: 0 });
  const { rerender } = render(viewOf({ states: [running] }));
  expect(box('Detect')).toHaveTextContent(/Running$/);
  expect(box('Detect')).toHaveAccessibleName('Detect, Task, running, retries on States.ALL ×2');
  rerender(viewOf({ states: [{ ...running, durationMs: 2000 }] }));
  expect(box('Detect')).toHaveTextContent('Running · 2 s');
});

test('a status has an icon of its own, and the legend says which', () => {
  render(viewOf());
  expect(box('Detect').querySelector('[data-status="CAUGHT"]')).not.toBeNull();
  expect(box('Bad').querySelector('[data-status="FAILED"]')).not.toBeNull();
  const legend = screen.getByRole('list', { name: 'Legend' });
  expect(within(legend).getAllByRole('listitem')).toHaveLength(8);
});

test('the transitions that were taken are told from the others', () => {
  render(viewOf());
  const lines = [...document.querySelectorAll<SVGElement>('[data-transition]')];
  expect(lines.map(({ dataset }) => `${dataset.kind} ${dataset.taken}`).sort()).toEqual([
    'catch true',
    'end false',
    'next false',
    'start true',
  ]);
});

test('arrows go along the transitions and into containers, Enter opens, Escape closes', async () => {
  const user = userEvent.setup();
  const onSelect = jest.fn();
  const { rerender } = render(viewOf({ onSelect }));
  await user.tab();
  expect(document.activeElement).toHaveAttribute('aria-label', expect.stringMatching(/^Workflow/));
  await user.keyboard('{ArrowDown}');
  expect(box('Detect')).toHaveFocus();
  await user.keyboard('{ArrowDown}');
  expect(box('Each')).toHaveFocus();
  await user.keyboard('{ArrowDown}');
  expect(box('Store')).toHaveFocus();
  await user.keyboard('{ArrowUp}{ArrowLeft}');
  expect(box('Bad')).toHaveFocus();
  await user.keyboard('{Enter}');
  expect(onSelect).toHaveBeenLastCalledWith('Bad');
  rerender(viewOf({ onSelect, selected: 'Bad' }));
  expect(box('Bad')).toHaveAttribute('aria-pressed', 'true');
  await user.keyboard('{Escape}');
  expect(onSelect).toHaveBeenLastCalledWith(undefined);
  await user.keyboard('{Home}');
  expect(box('Detect')).toHaveFocus();
});

test('a click opens a state; only one box is a stop of Tab', () => {
  const onSelect = jest.fn();
  render(viewOf({ onSelect }));
  expect(boxes().filter(({ tabIndex }) => tabIndex === 0)).toEqual([box('Detect')]);
  press(box('Store'));
  expect(onSelect).toHaveBeenCalledWith('Store');
  expect(boxes().filter(({ tabIndex }) => tabIndex === 0)).toEqual([box('Store')]);
});

test('new data moves nothing: not the view, not the focus, not the boxes', async () => {
  const user = userEvent.setup();
  const running = [run('Detect', { status: 'RUNNING', visits: 1, running: 1, durationMs: 10 })];
  const { rerender } = render(viewOf({ states: [...running, ...runs.slice(1)] }));
  await user.click(screen.getByRole('button', { name: 'Zoom In' }));
  press(box('Detect'));
  const viewport = document.querySelector<HTMLElement>('.react-flow__viewport')!;
  const element = box('Detect');
  const transform = viewport.style.transform;
  rerender(viewOf());
  expect(box('Detect')).toBe(element);
  expect(element).toHaveFocus();
  expect(document.querySelector('.react-flow__viewport')).toBe(viewport);
  expect(viewport.style.transform).toBe(transform);
  expect(screen.getAllByRole('status').map((each) => each.textContent)).toContain('Detect: caught, Boom.');
});

test('what changed is announced, and no more than one can listen to', () => {
  const names = Object.keys(chain(9).States);
  const { rerender } = render(
    viewOf({ definition: chain(9), states: names.map((name) => run(name, { status: 'NOT_REACHED' })) })
  );
  rerender(viewOf({ definition: chain(9), states: names.map((name) => run(name, { visits: 1, succeeded: 1 })) }));
  const said = screen.getAllByRole('status').map((each) => each.textContent);
  expect(said).toContain('Step 0: succeeded. Step 1: succeeded. Step 2: succeeded. 6 more states changed.');
});

test('the aggregate shows how much failed and how long it took, by the measure one chooses', async () => {
  const user = userEvent.setup();
  const onMeasure = jest.fn();
  const states = [
    run('Detect', { visits: 200, succeeded: 150, caught: 40, failed: 10, p95Ms: 2000, retries: 7 }),
    run('Store', { visits: 100, succeeded: 100, p95Ms: 500 }),
  ];
  render(viewOf({ mode: 'aggregate', states, onMeasure }));
  expect(box('Detect')).toHaveTextContent('×200 · 25% failed · p95 2 s');
  expect(box('Detect').getAttribute('aria-label')).toMatch(/200 visits, 25% failed, p95 2 s, 7 retries/);
  expect(box('Each')).toHaveTextContent('No visits');
  await user.selectOptions(screen.getByRole('combobox', { name: 'Colour by' }), 'p95 duration');
  expect(onMeasure).toHaveBeenCalledWith('p95');
});

test('without a definition the states are drawn as they are, and a note says why', () => {
  render(viewOf({ definition: null }));
  expect(boxes()).toHaveLength(4);
  expect(screen.getByRole('note')).toHaveTextContent('The definition is not known');
});

test('states that the definition does not have are drawn beside it', () => {
  render(viewOf({ states: [...runs, run('Old', { type: 'Pass' })] }));
  expect(box('Old')).toHaveAccessibleName(/^Old, Pass, succeeded/);
  expect(screen.getByRole('note')).toHaveTextContent('1 of the states');
});

test('a definition that is none is no crash', () => {
  render(viewOf({ definition: '{"States": 7', states: [] }));
  expect(screen.getByRole('note')).toHaveTextContent('The definition is not JSON');
  expect(boxes()).toHaveLength(0);
});

test('500 states are laid out later and only those in sight are there', async () => {
  giveSize(800, 600);
  render(viewOf({ definition: chain(500), states: [] }));
  expect(screen.getByText('Laying out 500 states …')).toBeInTheDocument();
  await waitFor(() => expect(box('Step 0')).toBeDefined(), { timeout: 20_000 });
  expect(boxes().length).toBeLessThan(30);
}, 30_000);

test('axe finds nothing', async () => {
  const { container } = render(viewOf());
  const results = await act(() => axe.run(container, { rules: { 'color-contrast': { enabled: false } } }));
  expect(results.violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 120)}`)).toEqual([]);
});
