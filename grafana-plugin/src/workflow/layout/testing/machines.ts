// State machines of any size, for tests and measurements.

interface Definition {
  StartAt: string;
  States: Record<string, object>;
}

const task = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke' };

const machine = (count: number, state: (at: number) => object): Definition => ({
  StartAt: nameOf(0),
  States: Object.fromEntries(Array.from({ length: count }, (_, at) => [nameOf(at), state(at)])),
});

const nameOf = (at: number) => `Step ${at}`;

/** One after the other. */
export const chain = (count: number) =>
  machine(count, (at) => ({ ...task, ...(at < count - 1 ? { Next: nameOf(at + 1) } : { End: true }) }));

/** The same, with one state that all errors go to. */
export const withHandler = (count: number) =>
  machine(count, (at) =>
    at === count - 1
      ? { Type: 'Fail', Error: 'Failed' }
      : {
          ...task,
          ...(at < count - 2 ? { Next: nameOf(at + 1) } : { End: true }),
          Catch: [{ ErrorEquals: ['States.ALL'], Next: nameOf(count - 1) }],
        }
  );

/** Every fifth state chooses among the next ones. */
export const choices = (count: number) =>
  machine(count, (at) => {
    if (at >= count - 5) {
      return { Type: 'Succeed' };
    }
    const rule = (value: number) => ({ Variable: '$.x', NumericEquals: value, Next: nameOf(at + value) });
    return at % 5 === 0
      ? { Type: 'Choice', Choices: [rule(1), rule(2)], Default: nameOf(at + 4) }
      : { ...task, Next: nameOf(at + 1) };
  });

/** Branches side by side, and states in each. */
export const parallel = (branches: number, states: number): Definition => ({
  StartAt: 'All',
  States: {
    All: {
      Type: 'Parallel',
      Branches: Array.from({ length: branches }, () => withHandler(states)),
      End: true,
    },
  },
});

/** One Choice to all others, which go to one. */
export const fan = (count: number) =>
  machine(count, (at) => {
    if (at === 0) {
      const others = Array.from({ length: count - 2 }, (_, other) => other + 1);
      return {
        Type: 'Choice',
        Choices: others.map((other) => ({ Variable: '$.x', NumericEquals: other, Next: nameOf(other) })),
      };
    }
    return at === count - 1 ? { Type: 'Succeed' } : { ...task, Next: nameOf(count - 1) };
  });

/** Every state with ways to three others, near and far, forwards and back. */
export const dense = (count: number) =>
  machine(count, (at) => ({
    Type: 'Choice',
    Choices: [1, 7, 61].map((step) => ({ Variable: '$.x', NumericEquals: step, Next: nameOf((at + step) % count) })),
  }));

/** Parallel within Parallel, so many times. */
export const nested = (levels: number): Definition => ({
  StartAt: `Level ${levels}`,
  States: {
    [`Level ${levels}`]:
      levels === 0 ? { ...task, End: true } : { Type: 'Parallel', Branches: [nested(levels - 1)], End: true },
  },
});
