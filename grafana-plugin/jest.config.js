process.env.TZ = 'UTC';

// Packages that are ES modules only, which jest has to translate.
const modules = ['@grafana', '@xyflow', '@dagrejs', 'd3', 'd3-[a-z-]+', 'internmap', 'delaunator', 'robust-predicates', 'ol', 'rbush', 'quickselect', 'geotiff', 'color-[a-z]+', 'react-colorful', 'uuid', 'marked', 'react-calendar', 'get-user-locale', 'mimic-function', 'memoize', '@wojtekmaj', '@msagl', 'react-data-grid', 'react-use', 'monaco-promql', '@kusto', 'nanoid', '@braintree', 'micro-memoize', 'tslib', '@formatjs', 'intl-messageformat'];

module.exports = {
  rootDir: __dirname,
  roots: ['<rootDir>/src'],
  testEnvironment: 'jest-environment-jsdom',
  setupFilesAfterEnv: ['<rootDir>/jest.setup.js'],
  testMatch: ['**/*.test.ts', '**/*.test.tsx'],
  moduleNameMapper: { '\\.css$': 'identity-obj-proxy' },
  transform: { '^.+\\.[cm]?[jt]sx?$': ['@swc/jest'] },
  transformIgnorePatterns: [`/node_modules/(?!(${modules.join('|')})/)`],
};
