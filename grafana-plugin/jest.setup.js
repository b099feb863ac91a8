require('@testing-library/jest-dom');
const { TextDecoder, TextEncoder } = require('util');
const v8 = require('v8');

// What jsdom does not have and @grafana/ui and dagre need.
const structuredClone = (value) => v8.deserialize(v8.serialize(value));
Object.assign(global, { TextDecoder, TextEncoder, structuredClone });
global.ResizeObserver = class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
Object.defineProperty(global, 'matchMedia', {
  writable: true,
  value: (query) => ({ matches: false, media: query, addEventListener() {}, removeEventListener() {}, addListener() {}, removeListener() {} }),
});
HTMLCanvasElement.prototype.getContext = () => null;
