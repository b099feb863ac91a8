// A function that streams what it is asked to, and breaks off where it is asked to.
'use strict';

exports.handler = async (event, stream) => {
  for (const part of event.parts) {
    stream.write(part);
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (event.fail) {
    throw new RangeError(event.fail);
  }
};
