/** The address of a script that starts a worker's: browsers start no worker from another origin, such as a CDN. */
function starter(script: URL): string {
  const text = `importScripts(${JSON.stringify(script.href)});`;
  return URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
}

const startWorker = (script: URL) => new Worker(script.origin === window.location.origin ? script : starter(script));

/** A Worker whose script may be on a CDN. Webpack has to see it made by new, with the address written there. */
export const AnyOriginWorker = function (script: URL) {
  return startWorker(script);
} as unknown as new (script: URL) => Worker;
