// React, for the page and the plugin on it, in a file of its own: a test chooses the version, as a Grafana does.
window.reactModules = {
  react: require('react'),
  'react-dom': require('react-dom'),
  'react-dom/client': require('react-dom/client'),
  'react-dom/server': require('react-dom/server'),
  'react/jsx-runtime': require('react/jsx-runtime'),
};
