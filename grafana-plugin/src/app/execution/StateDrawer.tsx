import { DataFrame } from '@grafana/data';
import { Button, LoadingPlaceholder } from '@grafana/ui';
import React, { useCallback, useEffect } from 'react';
import { useSource } from '../source/SourceContext';
import { useLoaded } from '../source/useLoaded';
import { Errors } from '../ui/Messages';
import { Section } from '../ui/Section';

interface Props {
  execution: string;
  state: string;
  /** The workflow as it is now: the state is read again when that is another. */
  changed: DataFrame;
  onClose: () => void;
}

/** What became of a state: its visits, attempts, Lambda invocations and AWS calls, with input and output. */
export function StateDrawer({ execution, state, changed, onClose }: Props) {
  const { resources } = useSource();
  const load = useCallback(() => resources.state(execution, state), [resources, execution, state]);
  const { value, error, loading, retry } = useLoaded(load);
  useEffect(retry, [changed, retry]);
  const close = (
    <Button size="sm" variant="secondary" fill="text" icon="times" onClick={onClose}>
      Close
    </Button>
  );
  return (
    <Section title={`State ${state}`} actions={close}>
      <Errors title="The state could not be read" errors={error ? [error] : []} retry={retry} />
      {loading && !value && <LoadingPlaceholder text="Reading the state…" />}
      {value && null}
    </Section>
  );
}
