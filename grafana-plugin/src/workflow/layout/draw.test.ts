import { parseDefinition } from '../asl/parse';
import { LayoutOptions } from './geometry';
import { layoutMachine } from './layout';
import { draw } from './testing/draw';
import { withHandler } from './testing/machines';

const task = { Type: 'Task', Resource: 'arn:aws:lambda:eu-west-1:123456789012:function:f' };

const drawn = (definition: object, options: Partial<LayoutOptions> = {}) => {
  const workflow = parseDefinition(definition);
  const drawing = draw(workflow, layoutMachine(workflow.machine, { orientation: 'down', compact: true, ...options }));
  return `\n${drawing.replace(/^\n+|\s+$/g, '')}\n`;
};

test('states one after the other, with marks at both ends', () => {
  expect(drawn({ StartAt: 'A', States: { A: { ...task, Next: 'B' }, B: { ...task, End: true } } })).toBe(`
   ┌─Start─┐
   └───────┘
        │
        │
        │
        v
  ┌──────────┐
  │ A        │
  └──────────┘
        │
        │
        │
        v
  ┌──────────┐
  │ B        │
  └──────────┘
        │
        │
        │
        v
   ┌─End───┐
   └───────┘
`);
});

test('the same to the right', () => {
  expect(
    drawn({ StartAt: 'A', States: { A: { ...task, Next: 'B' }, B: { ...task, End: true } } }, { orientation: 'right' })
  ).toBe(`
  ┌───────┐     ┌──────────┐      ┌──────────┐      ┌───────┐
  │ Start │     │ A        │      │ B        │      │ End   │
  └───────┘────>└──────────┘─────>└──────────┘─────>└───────┘
`);
});

test('a Choice with its conditions, and a Fail that ends nowhere', () => {
  expect(
    drawn({
      StartAt: 'Ask',
      States: {
        Ask: { Type: 'Choice', Choices: [{ Variable: '$.n', NumericGreaterThan: 0, Next: 'Yes' }], Default: 'No' },
        Yes: { ...task, End: true },
        No: { Type: 'Fail' },
      },
    })
  ).toBe(`
           ┌─Start─┐
           └───────┘
               │
               │
               │
               v
         ┌──────────┐
         │ Ask      │
         └──────────┘
           ─        ─
         ──         ──
   otherwise       $.n > 0
        │              │
        │              │
        v              v
  ┌──────────┐   ┌──────────┐
  │ No       │   │ Yes      │
  └──────────┘   └──────────┘
                       │
                       │
                       v
                   ┌───────┐
                   │ End   │
                   └───────┘
`);
});

test('branches side by side in their container, and what it catches', () => {
  expect(
    drawn({
      StartAt: 'Both',
      States: {
        Both: {
          Type: 'Parallel',
          Branches: [
            { StartAt: 'L', States: { L: { ...task, End: true } } },
            { StartAt: 'R', States: { R: { ...task, Next: 'R2' }, R2: { ...task, End: true } } },
          ],
          Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Bad' }],
          End: true,
        },
        Bad: { Type: 'Fail' },
      },
    })
  ).toBe(`
             ┌─Start─┐
             └───────┘
                 │
                 │
                 │
                 v
  ┌─────────────────────────────┐
  │ Both                        │
  │                             │
  │ ┌──────────┐   ┌──────────┐ │
  │ │ L        │   │ R        │ │
  │ └──────────┘   └──────────┘ │
  │                      │      │
  │                      │      │
  │                      │      │
  │                      v      │
  │                ┌──────────┐ │
  │                │ R2       │ │
  │                └──────────┘ │
  └─────────────────────────────┘
           :           │
           :           │
     States.ALL         │
          :             │
          :             │
          v             v
    ┌──────────┐    ┌─End───┐
    │ Bad      │    └───────┘
    └──────────┘
`);
});

test('a circle: the way back goes up', () => {
  expect(
    drawn({
      StartAt: 'Poll',
      States: {
        Poll: { ...task, Next: 'Done?' },
        'Done?': { Type: 'Choice', Choices: [{ Variable: '$.s', StringEquals: 'ok', Next: 'Good' }], Default: 'Wait' },
        Wait: { Type: 'Wait', Seconds: 5, Next: 'Poll' },
        Good: { Type: 'Succeed' },
      },
    })
  ).toBe(`
      ┌─Start─┐
      └───────┘
           │
           │
           │
           v
     ┌──────────┐
     │ Poll     │
     └──────────┘
      ^    │
      │    │
      │    │
     ││    v
    ┌───────────┐
    │ Done?     │
    └───────────┘
     │     │    ──
    ││     │      ───
    ││otherwise    $.s = "ok"
     │    ││            │
      │  v│             v
  ┌──────────┐    ┌──────────┐
  │ Wait     │    │ Good     │
  └──────────┘    └──────────┘
                        │
                        │
                        │
                        v
                    ┌───────┐
                    │ End   │
                    └───────┘
`);
});

test('a Map within a branch', () => {
  expect(
    drawn({
      StartAt: 'P',
      States: {
        P: {
          Type: 'Parallel',
          End: true,
          Branches: [
            {
              StartAt: 'M',
              States: {
                M: { Type: 'Map', End: true, ItemProcessor: { StartAt: 'I', States: { I: { ...task, End: true } } } },
              },
            },
          ],
        },
      },
    })
  ).toBe(`
        ┌─Start─┐
        └───────┘
             │
             │
             │
             v
  ┌────────────────────┐
  │ P                  │
  │                    │
  │ ┌────────────────┐ │
  │ │ M              │ │
  │ │                │ │
  │ │  ┌──────────┐  │ │
  │ │  │ I        │  │ │
  │ │  └──────────┘  │ │
  │ │                │ │
  │ └────────────────┘ │
  └────────────────────┘
             │
             │
             │
             v
        ┌─End───┐
        └───────┘
`);
});

test('many ways to one handler: led around on its lane', () => {
  expect(drawn(withHandler(7))).toBe(`
           ┌─Start─┐
           └───────┘
                │
                │
                │
                v
         ┌───────────┐
         │ Step 0    │
         └───────────┘
                │   :States.ALL
                │   :::::::::::::::
                │                 :
                v                 :
         ┌───────────┐            :
         │ Step 1    │            :
         └───────────┘            :
                │   :States.ALL   :
                │   :::::::::::::::
                │                 :
                v                 :
         ┌───────────┐            :
         │ Step 2    │            :
         └───────────┘            :
                │   :States.ALL   :
                │   :::::::::::::::
                │                 :
                v                 :
         ┌───────────┐            :
         │ Step 3    │            :
         └───────────┘            :
                │   :States.ALL   :
                │   :::::::::::::::
                │                 :
                v                 :
         ┌───────────┐            :
         │ Step 4    │            :
         └───────────┘            :
                │   :States.ALL   :
                │   :::::::::::::::
                v                 :
         ┌───────────┐            :
         │ Step 5    │            :
         └───────────┘            :
          :          ─            :
          :          ──           :
    States.ALL        ─│          :
        :              │          :
        :              │          :
        v    v:::::::::v:::::::::::
  ┌───────────┐    ┌─End───┐
  │ Step 6    │    └───────┘
  └───────────┘
`);
});

test('targets that are not there, and no way to others', () => {
  expect(drawn({ StartAt: 'A', States: { A: { ...task, Next: 'Gone' }, Lost: { Type: 'Pass', End: true } } })).toBe(`
   ┌─Start─┐     ┌──────────┐
   └───────┘     │ Lost     │
        │        └──────────┘
        │              │
        │              │
        v              │
  ┌──────────┐         v
  │ A        │     ┌─End───┐
  └──────────┘     └───────┘
        │
        │
        │
        v
  ┌──────────┐
  │ Gone     │
  └──────────┘
`);
});
