// Builds the page that stands for Grafana in the browser tests: see host/index.tsx. GRAFANA_MODULES names another
// node_modules folder to take React and Grafana's packages from, to test with other versions of them.
const path = require('path');
const CopyPlugin = require('copy-webpack-plugin');

const modules = process.env.GRAFANA_MODULES || path.join(__dirname, '../node_modules');
const taken = [
  'react',
  'react-dom',
  'rxjs',
  'lodash',
  '@emotion/css',
  '@grafana/data',
  '@grafana/runtime',
  '@grafana/ui',
];

module.exports = {
  mode: 'production',
  context: path.join(__dirname, 'host'),
  entry: './index.tsx',
  cache: { type: 'filesystem', name: path.basename(path.dirname(modules)) },
  devtool: false,
  module: {
    rules: [
      { test: /\.m?js$/, resolve: { fullySpecified: false } },
      { test: /\.tsx?$/, exclude: /node_modules/, use: 'swc-loader' },
      { test: /\.css$/, use: ['style-loader', 'css-loader'] },
    ],
  },
  // Nothing is left out of the namespaces that plugins get, and minimizing would take longer than the tests.
  optimization: { minimize: false },
  output: { path: path.join(__dirname, 'dist'), publicPath: '/host/', clean: { keep: /^server$/ } },
  performance: { hints: false },
  plugins: [new CopyPlugin({ patterns: [{ from: 'index.html' }] })],
  resolve: {
    extensions: ['.ts', '.tsx', '.mjs', '.js'],
    alias: {
      ...Object.fromEntries(taken.map((name) => [name, path.join(modules, name)])),
    },
    fallback: { fs: false, path: false, stream: false },
  },
  stats: 'errors-only',
};
