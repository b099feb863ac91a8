// The Node.js runtime of the tests: a loop over the Lambda Runtime API that streams responses, as AWS's own does.
'use strict';
const http = require('node:http');
const path = require('node:path');

const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function request(method, target, headers, write) {
  return new Promise((resolve, reject) => {
    const call = http.request(
      { hostname, port, agent, method, path: '/2018-06-01/runtime/' + target, headers },
      (answer) => {
        const parts = [];
        answer.on('data', (part) => parts.push(part));
        answer.on('end', () => resolve({ headers: answer.headers, body: Buffer.concat(parts) }));
      });
    call.on('error', reject);
    write(call);
  });
}

async function stream(id, handler, event) {
  const headers = {
    'Lambda-Runtime-Function-Response-Mode': 'streaming',
    'Content-Type': 'application/vnd.awslambda.http-integration-response',
    'Transfer-Encoding': 'chunked',
    Trailer: 'Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body',
  };
  await request('POST', `invocation/${id}/response`, headers, async (call) => {
    try {
      await handler(event, call);
    } catch (error) {
      const report = { errorType: error.name, errorMessage: error.message, trace: error.stack.split('\n') };
      call.addTrailers({
        'Lambda-Runtime-Function-Error-Type': error.name,
        'Lambda-Runtime-Function-Error-Body': Buffer.from(JSON.stringify(report)).toString('base64'),
      });
    }
    call.end();
  });
}

async function main() {
  const [file, name] = process.env._HANDLER.split('.');
  const handler = require(path.join(process.env.LAMBDA_TASK_ROOT, file))[name];
  for (;;) {
    const next = await request('GET', 'invocation/next', {}, (call) => call.end());
    await stream(next.headers['lambda-runtime-aws-request-id'], handler, JSON.parse(next.body));
  }
}

main();
