import React from 'react';
import { render, screen } from '@testing-library/react';
import { ExecutionPages } from './ChildExecution';
import { StateDetails } from './stateDetails';
import { Visits } from './Visits';

const visit = (number: number, more: object = {}) => ({ span_id: String(number), number, status: 'FAILED', ...more });
const shown = (of: StateDetails) => <Visits details={of} timeZone="utc" />;
const details = (more: object): StateDetails => ({ state: 'Detect', ...more });

test('visits that were left out keep their numbers, and it is said how many they are', () => {
  const visits = [visit(1), visit(2), visit(640)];
  render(shown(details({ visits, omitted: 637 })));
  expect(screen.getAllByText(/^Visit \d+$/).map((each) => each.textContent)).toEqual([
    'Visit 640',
    'Visit 2',
    'Visit 1',
  ]);
  expect(screen.getByText(/^637 of 640 visits are not shown/)).toBeInTheDocument();
});

test('the button that shows all visits does not promise those that were left out', () => {
  const visits = Array.from({ length: 25 }, (_, at) => visit(at + 1));
  render(shown(details({ visits, omitted: 5 })));
  expect(screen.getByRole('button', { name: 'Show 25 of 30 visits' })).toBeInTheDocument();
});

test('says that the store holds more than was read', () => {
  render(shown(details({ visits: [visit(1)], truncated: true })));
  expect(screen.getByText(/The store holds more of the execution than was read/)).toBeInTheDocument();
});

test('of visits that are whole nothing is said to be missing', () => {
  render(shown(details({ visits: [visit(1)] })));
  expect(screen.getByText('Visit 1')).toBeInTheDocument();
  expect(screen.queryByText(/not shown|than was read/)).toBeNull();
});

test('says in which iteration, branch and redrive a visit was', () => {
  const visits = [
    visit(1, { iteration: 0, branch: 0, redrive_count: 0 }),
    visit(2, { iteration: 3, redrive_count: 1 }),
  ];
  render(shown(details({ visits })));
  const [second, first] = screen.getAllByText(/^Visit \d$/).map((each) => each.closest('summary')!);
  expect(first).toHaveTextContent(/Visit 1iteration 0 · branch 0$/);
  expect(second).toHaveTextContent(/Visit 2iteration 3 · redrive 1$/);
});

test('names the child execution of an attempt, and leads to its page where there is one', () => {
  const child_execution = 'arn:aws:states:eu-west-1:1:execution:child:kid';
  const visits = [visit(1, { attempts: [{ span_id: 'a', child_execution }] })];
  const { unmount } = render(
    <ExecutionPages.Provider value={(arn) => `/page?of=${arn}`}>{shown(details({ visits }))}</ExecutionPages.Provider>
  );
  expect(screen.getByRole('link', { name: 'child:kid' })).toHaveAttribute('href', `/page?of=${child_execution}`);
  unmount();
  render(shown(details({ visits })));
  expect(screen.getByText('child:kid')).toHaveAttribute('title', child_execution);
  expect(screen.queryByRole('link', { name: 'child:kid' })).toBeNull();
});
