// Stands for react/jsx-runtime, which libraries import and Grafana 10.1's loader does not provide: it makes elements by
// the React that Grafana runs, whichever version that is.
import { createElement, Fragment } from 'react';

const keyed = (props, key) => (key === undefined ? props : { ...props, key });

/** Children are among the props, and stay there as they are: of a list the elements have keys. */
export const jsx = (type, props, key) => createElement(type, keyed(props, key));

/** Of several children that are written one after another, which need no keys. */
export const jsxs = (type, { children, ...props }, key) => createElement(type, keyed(props, key), ...children);

export const jsxDEV = (type, props, key, several) => (several ? jsxs : jsx)(type, props, key);
export { Fragment };
