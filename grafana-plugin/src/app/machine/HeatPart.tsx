import { DataFrame } from '@grafana/data';
import React, { useMemo, useState } from 'react';
import { fromFrame, noticesOf } from '../../workflow/fromFrame';
import { Measure } from '../../workflow/states';
import { Workflow } from '../drawing/Workflow';
import { Section } from '../ui/Section';
import { href, pagePath } from '../url/paths';
import { UrlRange } from '../url/timeRange';

interface Props {
  frame: DataFrame;
  machine: string;
  range: UrlRange;
}

/** All executions of the range in one drawing: where they fail, or where the time goes. */
export function HeatPart({ frame, machine, range }: Props) {
  const data = useMemo(() => fromFrame(frame), [frame]);
  const [measure, setMeasure] = useState<Measure>('failures');
  const [selected, select] = useState<string>();
  const failures = (failedState: string) => href(pagePath('executions', { machine, failedState, ...range }));
  return (
    <Section title="Workflow">
      <Workflow
        data={data}
        measure={measure}
        onMeasure={setMeasure}
        selected={selected}
        onSelect={select}
        links={(state) => [{ title: 'Executions that failed in it', href: failures(state), icon: 'external-link-alt' }]}
        notices={noticesOf(data)}
      />
    </Section>
  );
}
