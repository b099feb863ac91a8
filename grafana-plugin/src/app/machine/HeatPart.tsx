import { DataFrame } from '@grafana/data';
import React, { useMemo } from 'react';
import { fromFrame, noticesOf } from '../../workflow/fromFrame';
import { Measure } from '../../workflow/states';
import { Workflow } from '../drawing/Workflow';
import { Section } from '../ui/Section';
import { href, pagePath } from '../url/paths';
import { UrlRange } from '../url/timeRange';
import { useParam } from '../url/useParam';

interface Props {
  frame: DataFrame;
  machine: string;
  range: UrlRange;
}

/** All executions of the range in one drawing: where they fail, or where the time goes. */
export function HeatPart({ frame, machine, range }: Props) {
  const data = useMemo(() => fromFrame(frame), [frame]);
  const [shown, show] = useParam('measure');
  const measure: Measure = shown === 'p95' ? shown : 'failures';
  const [selected, select] = useParam('state');
  const failures = (failedState: string) => href(pagePath('executions', { machine, failedState, ...range }));
  return (
    <Section title="Workflow">
      <Workflow
        data={data}
        measure={measure}
        onMeasure={(chosen) => show(chosen === 'failures' ? undefined : chosen)}
        selected={selected}
        onSelect={select}
        links={(state) => [{ title: 'Executions that failed in it', href: failures(state), icon: 'external-link-alt' }]}
        notices={noticesOf(data)}
      />
    </Section>
  );
}
