// Builds what `npm run bench` measures, for node, where nothing else is in its way.
const path = require('path');

module.exports = {
  mode: 'production',
  target: 'node',
  context: path.join(__dirname, '../src'),
  entry: './workflow/layout/bench.ts',
  output: { path: path.join(__dirname, '../node_modules/.cache/steptrace-bench'), filename: 'layout.js' },
  module: { rules: [{ test: /\.ts$/, exclude: /node_modules/, use: 'swc-loader' }] },
  resolve: { extensions: ['.ts', '.js'] },
  optimization: { minimize: false },
  stats: 'errors-warnings',
};
