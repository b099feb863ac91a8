import { readFileSync } from 'fs';
import { join } from 'path';

// What the front end calls a field the backend must know: it leaves others out.
it('has the fields of the backend', () => {
  const backend = readFileSync(join(__dirname, '../../backend/query/query.go'), 'utf8');
  const frontend = readFileSync(join(__dirname, 'query.ts'), 'utf8');
  const of = (text: string, pattern: RegExp) => Array.from(text.matchAll(pattern), (m) => m[1]);
  const [, own] = frontend.split('interface SteptraceQuery');
  const fields = of(own.split('}')[0], /^ {2}(\w+)\??:/gm);
  expect(fields.length).toBeGreaterThan(25);
  expect(of(backend, /json:"(\w+)"/g)).toEqual(expect.arrayContaining(fields));
});
