// Builds the app plugin into dist/: the app itself and, in folders of their own, the data source and the panel.
const path = require('path');
const CopyPlugin = require('copy-webpack-plugin');
const { BannerPlugin } = require('webpack');
const { version } = require('./package.json');

// What Grafana's module loader provides since 10.1. Everything else, react/jsx-runtime too, is in the bundle.
const provided = [
  'react',
  'react-dom',
  'rxjs',
  'lodash',
  '@emotion/css',
  '@grafana/data',
  '@grafana/runtime',
  '@grafana/ui',
];

const replaceVersion = (content) =>
  content.toString().replaceAll('%VERSION%', version).replaceAll('%TODAY%', new Date().toISOString().slice(0, 10));

module.exports = (_env, { mode }) => ({
  context: path.join(__dirname, 'src'),
  cache: { type: 'filesystem', buildDependencies: { config: [__filename] } },
  devtool: 'source-map',
  // Before all else each has to know where its chunks are.
  entry: {
    module: ['./publicPath.ts', './module.tsx'],
    'datasource/module': ['./publicPath.ts', './datasource/module.ts'],
    'panel/module': ['./publicPath.ts', './panel/module.ts'],
  },
  externals: [{ 'amd-module': 'module' }, ...provided],
  module: {
    rules: [
      { test: /\.tsx?$/, exclude: /node_modules/, use: 'swc-loader' },
      { test: /\.css$/, use: ['style-loader', 'css-loader'] },
    ],
  },
  // A worker that comes from another origin does not find other files beside it: see src/workflow/layout/anyOrigin.ts.
  optimization: { splitChunks: { chunks: (chunk) => !chunk.canBeInitial() && chunk.name !== 'layout-worker' } },
  output: {
    clean: { keep: /gpx_/ },
    filename: '[name].js',
    chunkFilename: '[name].js?v=[contenthash]',
    library: { type: 'amd' },
    path: path.join(__dirname, 'dist'),
    publicPath: 'public/plugins/steptrace-app/',
    uniqueName: 'steptrace-app',
  },
  performance: { hints: false },
  plugins: [
    new BannerPlugin({ banner: `Steptrace ${version}`, entryOnly: true }),
    new CopyPlugin({
      patterns: [
        { from: '**/plugin.json', transform: replaceVersion },
        { from: '**/img/*.svg' },
        { from: '../README.md', to: 'README.md' },
        { from: '../../LICENSE', to: 'LICENSE', toType: 'file' },
      ],
    }),
  ],
  resolve: {
    extensions: ['.ts', '.tsx', '.js'],
    alias: {
      'react/jsx-runtime': path.join(__dirname, 'src/react/jsx-runtime.js'),
      'react/jsx-dev-runtime': path.join(__dirname, 'src/react/jsx-runtime.js'),
    },
  },
  stats: mode === 'production' ? 'errors-warnings' : 'normal',
});
