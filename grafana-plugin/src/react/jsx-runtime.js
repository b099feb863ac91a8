// Stands for react/jsx-runtime, which libraries import and Grafana 10.1's loader does not provide: it makes elements by
// the React that Grafana runs, whichever version that is.
import { createElement, Fragment } from 'react';

export function jsx(type, props, key) {
  const { children, ...rest } = props;
  if (key !== undefined) {
    rest.key = key;
  }
  if (children === undefined) {
    return createElement(type, rest);
  }
  return Array.isArray(children) ? createElement(type, rest, ...children) : createElement(type, rest, children);
}

export const jsxs = jsx;
export const jsxDEV = jsx;
export { Fragment };
