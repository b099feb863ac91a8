import { locationService } from '@grafana/runtime';
import { act, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { open, search } from '../testing/open';
import { FakeSource, install, table } from '../testing/source';

jest.mock('@grafana/runtime', () => ({
  ...jest.requireActual('@grafana/runtime'),
  ...jest.requireActual('../testing/runtime'),
}));

jest.setTimeout(30_000);

const arn = 'arn:aws:states:eu-central-1:1:stateMachine:images';
const range = '&from=now-7d&to=now';
const rowsOf = (name: string) => within(screen.getByRole('region', { name })).getAllByRole('row').slice(1);

const machine = {
  name: 'images',
  arn,
  type: 'STANDARD',
  running: 2,
  succeeded: 90,
  failed: 10,
  timed_out: 0,
  aborted: 1,
  error_rate: 0.1,
  last_start: 1700000000000,
  revisions: 3,
};

describe('state machines', () => {
  it('are listed with counts that lead to what they count', async () => {
    const source = new FakeSource({ machines: () => table([machine, { arn: 'arn:bare' }]) });
    install(source);
    await open(`/a/steptrace-app/machines?from=now-7d&to=now`);
    const [row, bare] = rowsOf('State machines');
    expect(row).toHaveTextContent('imagesSTANDARD29010' + '01' + '10 %2023-11-14 22:13:203');
    expect(bare).toHaveTextContent('arn:bare00000––0');
    expect(within(row).getByRole('link', { name: 'images' })).toHaveAttribute(
      'href',
      `/a/steptrace-app/machine?machine=${arn}${range}`
    );
    expect(within(row).getByRole('link', { name: '10 failed executions of images' })).toHaveAttribute(
      'href',
      `/a/steptrace-app/executions?machine=${arn}&status=FAILED${range}`
    );
    expect(source.asked[0].request.range.raw).toEqual({ from: 'now-7d', to: 'now' });
  });

  it('are none, and that is said', async () => {
    install(new FakeSource({ machines: () => table([]) }));
    await open('/a/steptrace-app/machines');
    expect(screen.getByText('No state machine is known in this time')).toBeVisible();
  });
});

describe('a state machine', () => {
  const definition = { StartAt: 'Detect', States: { Detect: { Type: 'Pass', End: true } } };
  const source = () =>
    new FakeSource({
      machines: () => table([machine]),
      workflow: () =>
        table([{ state: 'Detect', visits: 100, failed: 10, p95_ms: 1500, errors: '{"InvalidImage":10}' }], {
          mode: 'aggregate',
          definition,
          execution: null,
          approximate: true,
        }),
      states: () =>
        table([
          { state: 'Detect', visits: 100, failed: 10, error_rate: 0.1, p50_ms: 10, p95_ms: 1500, wait_s: 0.25 },
          { state: 'New', visits: null, failed: null, error_rate: null, p50_ms: null },
        ]),
      cost: () => table([{ state: 'Detect', total_cost: 0.5 }]),
      executions: () =>
        table([
          { name: 'run', status: 'FAILED', execution_arn: 'arn:run', failed_state: 'Detect', error: 'InvalidImage' },
        ]),
    });

  it('is asked for by its ARN', async () => {
    const asked = source();
    install(asked);
    await open(`/a/steptrace-app/machine?machine=${arn}`);
    for (const type of ['machines', 'workflow', 'states', 'cost', 'executions'] as const) {
      expect(asked.queries(type)).toMatchObject([{ stateMachines: [arn] }]);
    }
    expect(asked.queries('workflow')[0].aggregate).toBe(true);
    expect(asked.queries('cost')[0].by).toBe('state');
    expect(asked.resources.revisions).toHaveBeenCalledWith(arn, 50);
  });

  it('tells of its states, their cost and its executions', async () => {
    install(source());
    await open(`/a/steptrace-app/machine?machine=${arn}`);
    const [detect, bare] = rowsOf('Statistics of states');
    expect(detect).toHaveTextContent('Detect10010' + '0' + '10 %10 ms1.5 s–0250 ms0.5 USD');
    expect(bare).toHaveTextContent('New000––––0––');
    expect(within(detect).getByRole('link', { name: '10 failed visits of Detect' })).toHaveAttribute(
      'href',
      `/a/steptrace-app/executions?machine=${arn}&failedState=Detect&from=now-24h&to=now`
    );
    expect(rowsOf('Executions that started last')[0]).toHaveTextContent('FailedrunDetectInvalidImage');
  });

  it('draws where it fails; the drawer of a state leads to its failures', async () => {
    install(source());
    await open(`/a/steptrace-app/machine?machine=${arn}`);
    const box = await screen.findByRole('button', { name: /^Detect/ }, { timeout: 20_000 });
    act(() => box.focus());
    await userEvent.keyboard('{Enter}');
    const drawer = within(await screen.findByRole('dialog', { name: 'State Detect' }));
    expect(drawer.getByRole('link', { name: 'Executions that failed in it' })).toHaveAttribute(
      'href',
      `/a/steptrace-app/executions?machine=${arn}&failedState=Detect&from=now-24h&to=now`
    );
  });

  it('has in its address what is chosen in the drawing, which Back undoes', async () => {
    install(source());
    await open(`/a/steptrace-app/machine?machine=${arn}`);
    const box = await screen.findByRole('button', { name: /^Detect/ }, { timeout: 20_000 });
    await userEvent.selectOptions(screen.getByLabelText(/Colour by/), 'p95');
    act(() => box.focus());
    await userEvent.keyboard('{Enter}');
    await screen.findByRole('dialog', { name: 'State Detect' });
    expect(search()).toBe(`?machine=${arn}&measure=p95&state=Detect`);
    act(() => locationService.getHistory().goBack());
    expect(screen.queryByRole('dialog', { name: 'State Detect' })).not.toBeInTheDocument();
    expect(search()).toBe(`?machine=${arn}&measure=p95`);
  });

  it('shows what its last revision changed', async () => {
    const asked = source();
    const revision = (since: string, seconds: number) => ({
      state_machine_arn: arn,
      revision_id: `r${seconds}`,
      since,
      definition: { StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: seconds, End: true } } },
    });
    asked.resources.revisions.mockResolvedValue([
      revision('2026-11-02T00:00:00Z', 20),
      revision('2026-11-01T00:00:00Z', 10),
    ]);
    install(asked);
    await open(`/a/steptrace-app/machine?machine=${arn}`);
    const difference = screen.getByLabelText('Difference of the definitions');
    expect(within(difference).getByText(/10/).tagName).toBe('DEL');
    expect(within(difference).getByText(/20/).tagName).toBe('INS');
    expect(screen.getByText('1 line removed, 1 added.')).toBeVisible();
  });

  it('shows what could be read beside what could not', async () => {
    const asked = source();
    asked.answers.cost = () => new Error('cost: memory limit exceeded');
    asked.resources.revisions.mockRejectedValue(new Error('revisions: no answer'));
    install(asked);
    await open(`/a/steptrace-app/machine?machine=${arn}`);
    expect(screen.getByText('cost: memory limit exceeded')).toBeVisible();
    expect(screen.getByText('revisions: no answer')).toBeVisible();
    expect(rowsOf('Statistics of states')).toHaveLength(2);
  });
});
