// Builds the page that stands for Grafana in the browser tests, see host/index.tsx, and what it takes React from.
// GRAFANA_MODULES names another node_modules folder to take React and Grafana's packages from.
const path = require('path');
const CopyPlugin = require('copy-webpack-plugin');

const modules = path.resolve(process.env.GRAFANA_MODULES || path.join(__dirname, '../node_modules'));
const react19 = path.join(__dirname, '../compat/react-19/node_modules');

// Nothing is left out of the namespaces that plugins get, and minimizing would take longer than the tests.
const common = {
  mode: 'production',
  context: __dirname,
  devtool: false,
  optimization: { minimize: false },
  performance: { hints: false },
  stats: 'errors-only',
};

const output = { path: path.join(__dirname, 'dist'), publicPath: '/host/' };

const page = {
  ...common,
  entry: './host/index.tsx',
  cache: { type: 'filesystem', name: path.basename(path.dirname(modules)) },
  externals: ({ request }, done) =>
    /^react(-dom)?(\/|$)/.test(request) ? done(null, `window.reactModules[${JSON.stringify(request)}]`) : done(),
  module: {
    rules: [
      { test: /\.m?js$/, resolve: { fullySpecified: false } },
      { test: /\.tsx?$/, exclude: /node_modules/, use: 'swc-loader', resolve: { modules: [modules] } },
      { test: /\.css$/, use: ['style-loader', 'css-loader'] },
    ],
  },
  output: { ...output, clean: { keep: /^(server|react.*\.js)$/ } },
  plugins: [new CopyPlugin({ patterns: [{ from: 'host/index.html' }] })],
  resolve: {
    extensions: ['.ts', '.tsx', '.mjs', '.js'],
    fallback: { fs: false, path: false, stream: false },
  },
};

const react = (name, from, more) => ({
  ...common,
  ...more,
  entry: { [name]: './react.js' },
  output: { ...output, filename: '[name].js' },
  resolve: { modules: [from] },
});

// The newer one tells, as errors, what it does not take any more; of the other, times are measured.
module.exports = [page, react('react', modules), react('react-19', react19, { mode: 'development' })];
