import React, { KeyboardEvent, useEffect, useRef } from 'react';
import { ClipboardButton, IconButton, LinkButton, useStyles2 } from '@grafana/ui';
import { Mode, StateRun } from '../states';
import { StatusMark } from './Outcome';
import { detailStyles } from './detailStyles';
import { LoadState } from './stateDetails';
import { Summary } from './Summary';
import { useStateDetails } from './useStateDetails';
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
  timeZone?: string;
  onClose: () => void;
}

/** What became of one state, at the side of the drawing. Escape closes it. */
export function StateDrawer({ state, run, mode, execution, load, links, timeZone, onClose }: Props) {
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
      {run ? <Summary run={run} mode={mode} timeZone={timeZone} /> : <p>It has not run.</p>}
      {mode === 'execution' && <Loading {...{ state, run, execution, load, timeZone }} />}
    </section>
  );
}

function Loading({
  state,
  run,
  execution,
  load,
  timeZone,
}: Pick<Props, 'state' | 'run' | 'execution' | 'load' | 'timeZone'>) {
  const styles = useStyles2(detailStyles);
  const reached = run !== undefined && run.visits > 0;
  const { details, error, loading } = useStateDetails(reached ? load : undefined, execution, state, changeOf(run));
  if (!reached) {
    return null;
  }
  if (load === undefined) {
    return <p className={styles.muted}>Visits are known only to a query of the Steptrace data source.</p>;
  }
  return (
    <>
      {error && (
        <p className={styles.error} role="alert">
          The visits could not be read: {error}
        </p>
      )}
      {loading && !details && <p role="status">Reading the visits …</p>}
      {details && <Visits visits={details.visits ?? []} timeZone={timeZone} />}
    </>
  );
}

/** What of a state tells that its details are others now. */
const changeOf = (run: StateRun | undefined) =>
  run && [run.status, run.visits, run.attempts, run.retries, run.lastEnd].join(' ');
