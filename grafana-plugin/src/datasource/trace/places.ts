import { DataFrame } from '@grafana/data';

/** Where a span belongs: what its ancestors say. Empty where none does. */
export interface Place {
  execution: string;
  stateMachine: string;
  state: string;
}

interface Tag {
  key: string;
  value: unknown;
}

interface Span {
  id: string;
  parent: string;
  service: string;
  tags: Map<string, string>;
}

const kindTag = 'steptrace.kind';
const executionTag = 'aws.step_functions.execution.arn';
const stateTag = 'aws.step_functions.state.name';

/** The places of a trace frame's spans, a row each. */
export function placesOf(frame: DataFrame): Place[] {
  const spans = spansOf(frame);
  const byId = new Map(spans.map((span) => [span.id, span]));
  const known = new Map<string, Place>();
  return spans.map((span) => {
    const path: Span[] = [];
    // A trace whose spans are each other's ancestors is not well formed, but is no reason to hang.
    for (let s: Span | undefined = span; s && !known.has(s.id) && !path.includes(s); s = byId.get(s.parent)) {
      path.push(s);
    }
    for (const s of path.reverse()) {
      known.set(s.id, within(known.get(s.parent), s));
    }
    return known.get(span.id)!;
  });
}

const nowhere: Place = { execution: '', stateMachine: '', state: '' };

function within(parent: Place = nowhere, { service, tags }: Span): Place {
  if (tags.get(kindTag) === 'execution') {
    return { execution: tags.get(executionTag) ?? '', stateMachine: service, state: '' };
  }
  return { ...parent, state: tags.get(stateTag) ?? parent.state };
}

function spansOf(frame: DataFrame): Span[] {
  const column = (name: string): unknown[] => Array.from(frame.fields.find((f) => f.name === name)?.values ?? []);
  const [parents, services, tags] = [column('parentSpanID'), column('serviceName'), column('tags')];
  return column('spanID').map((id, i) => ({
    id: String(id),
    parent: String(parents[i] ?? ''),
    service: String(services[i] ?? ''),
    tags: new Map(((tags[i] ?? []) as Tag[]).map(({ key, value }) => [key, String(value)])),
  }));
}
