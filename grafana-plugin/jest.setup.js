require('@testing-library/jest-dom');
const { TextDecoder, TextEncoder } = require('util');

// What jsdom does not have and @grafana/ui needs.
Object.assign(global, { TextDecoder, TextEncoder });
global.ResizeObserver = class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
global.IntersectionObserver = class extends global.ResizeObserver {};
Object.defineProperty(global, 'matchMedia', {
  writable: true,
  value: (query) => ({ matches: false, media: query, addEventListener() {}, removeEventListener() {}, addListener() {}, removeListener() {} }),
});
HTMLCanvasElement.prototype.getContext = () => null;
// Icons are fetched, which is of no interest here.
jest.mock('react-inlinesvg', () => ({ __esModule: true, default: () => null }));
