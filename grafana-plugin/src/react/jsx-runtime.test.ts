import * as theirs from 'react/jsx-runtime';
import { createElement, createRef } from 'react';

const ours: object = jest.requireActual('./jsx-runtime.js');
const item = (key: string) => createElement('li', { key });

// What matters is what React's own makes.
const partsOf = ({ type, key, props, ref }: Record<string, unknown>) => ({ type, key, props, ref });
const made = (runtime: object, name: 'jsx' | 'jsxs', props: object, key?: string) =>
  partsOf((runtime as Record<string, (...args: unknown[]) => never>)[name]('ul', props, key));

test.each([
  ['nothing', {}, undefined],
  ['a text', { children: 'a' }, undefined],
  ['a number', { children: 0 }, undefined],
  ['a list of one', { children: [item('a')] }, undefined],
  ['a list of none', { children: [] }, undefined],
  ['a key', { id: 'x' }, 'k'],
  ['a ref', { ref: createRef() }, undefined],
])('jsx makes an element with %s', (_, props, key) => {
  expect(made(ours, 'jsx', props, key)).toEqual(made(theirs, 'jsx', props, key));
});

test('jsxs makes an element with several children, which need no keys', () => {
  const errors = jest.spyOn(console, 'error');
  const props = { id: 'x', children: ['a', item('b'), createElement('li'), null] };
  expect(made(ours, 'jsxs', props, 'k')).toEqual(made(theirs, 'jsxs', props, 'k'));
  expect(errors).not.toHaveBeenCalled();
});
