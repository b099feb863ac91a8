import React, { KeyboardEvent, useEffect, useRef } from 'react';
import { ClipboardButton, IconButton, LinkButton, useStyles2 } from '@grafana/ui';
import { Mode, StateRun } from '../states';
import { ExecutionHref, ExecutionPages } from './ChildExecution';
import { StatusMark } from './Outcome';
import { detailStyles } from './detailStyles';
import { LoadState } from './stateDetails';
import { Summary } from './Summary';
import { tells } from './told';
import { Loaded, useStateDetails } from './useStateDetails';
import { Visits } from './Visits';

export interface DrawerLink {
  title: string;
  href: string;
  icon: 'external-link-alt' | 'compass';
}

interface Props {
  state: string;
  run?: StateRun;
  mode: Mode;
  /** The ARN; empty in the aggregate. */
  execution: string;
  /** None where the panel's data does not come from this data source. */
  load?: LoadState;
  links: DrawerLink[];
  executionHref?: ExecutionHref;
  timeZone?: string;
  onClose: () => void;
}

/** What became of one state, at the right of the drawing in a row. Escape closes it. */
export function StateDrawer({ links, executionHref, onClose, ...found }: Props) {
  const { state, run, mode } = found;
  const styles = useStyles2(detailStyles);
  const drawer = useRef<HTMLElement>(null);
  useEffect(() => drawer.current?.focus({ preventScroll: true }), [state]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      onClose();
    }
  };
  return (
    <section
      ref={drawer}
      className={styles.drawer}
      role="dialog"
      aria-label={`State ${state}`}
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      <header className={styles.header}>
        {mode === 'execution' && <StatusMark status={run?.status ?? 'NOT_REACHED'} />}
        <h3>{state}</h3>
        <ClipboardButton
          size="sm"
          variant="secondary"
          fill="text"
          icon="copy"
          aria-label="Copy the state's name"
          getText={() => state}
        />
        <IconButton name="times" tooltip="Close" aria-label="Close" onClick={onClose} />
      </header>
      <nav className={styles.links} aria-label="Links">
        {links.map(({ title, href, icon }) => (
          <LinkButton key={title} size="sm" variant="secondary" icon={icon} href={href}>
            {title}
          </LinkButton>
        ))}
      </nav>
      <ExecutionPages.Provider value={executionHref}>
        {run ? <Found {...found} run={run} /> : <p>It has not run.</p>}
      </ExecutionPages.Provider>
    </section>
  );
}

/** What the frame has of the state, and what the data source adds of an execution. */
function Found({
  state,
  run,
  mode,
  execution,
  load,
  timeZone,
}: Omit<Props, 'links' | 'executionHref' | 'onClose' | 'run'> & { run: StateRun }) {
  const reached = mode === 'execution' && run.visits > 0;
  const loaded = useStateDetails(reached ? load : undefined, execution, state, changeOf(run));
  const latest = loaded.details?.visits?.at(-1);
  const told = loaded.waiting || (latest !== undefined && tells(latest, run));
  return (
    <>
      <Summary run={run} mode={mode} timeZone={timeZone} told={told} />
      {run.status === 'ELSEWHERE' && (
        <p>
          The items of a distributed Map are executions of their own: what became of this state is told on other pages.
        </p>
      )}
      {reached && <Details loaded={load && loaded} timeZone={timeZone} />}
    </>
  );
}

function Details({ loaded, timeZone }: { loaded?: Loaded; timeZone?: string }) {
  const styles = useStyles2(detailStyles);
  if (loaded === undefined) {
    return <p className={styles.muted}>Visits are known only to a query of the Steptrace data source.</p>;
  }
  const { details, error, waiting } = loaded;
  return (
    <>
      {error && (
        <p className={styles.error} role="alert">
          The visits could not be read: {error}
        </p>
      )}
      {waiting && <p role="status">Reading the visits …</p>}
      {details && <Visits details={details} timeZone={timeZone} />}
    </>
  );
}

/** What of a state tells that its details are others now. */
const changeOf = (run: StateRun) => [run.status, run.visits, run.attempts, run.retries, run.lastEnd].join(' ');
