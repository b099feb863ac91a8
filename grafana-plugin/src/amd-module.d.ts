// What an AMD loader knows of the module itself; see webpack.config.js.
declare module 'amd-module' {
  const module: { uri?: string } | undefined;
  export default module;
}
