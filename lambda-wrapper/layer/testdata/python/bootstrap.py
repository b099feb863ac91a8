"""The Python runtime of the tests: a loop over the Lambda Runtime API, as AWS's own is, with the standard library only."""
import http.client
import importlib
import json
import os
import sys
import traceback

API = os.environ["AWS_LAMBDA_RUNTIME_API"]
RUNTIME = "/2018-06-01/runtime/"


class Context:
    def __init__(self, headers):
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]


def exchange(connection, method, path, body=None, headers=None):
    connection.request(method, RUNTIME + path, body, headers or {})
    response = connection.getresponse()
    return response.headers, response.read()


def report(error):
    body = {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "stackTrace": traceback.format_list(traceback.extract_tb(error.__traceback__)),
    }
    headers = {"Content-Type": "application/json", "Lambda-Runtime-Function-Error-Type": "Unhandled"}
    return json.dumps(body).encode(), headers


def load(connection):
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    try:
        module, name = os.environ["_HANDLER"].rsplit(".", 1)
        return getattr(importlib.import_module(module), name)
    except Exception as error:
        body, headers = report(error)
        exchange(connection, "POST", "init/error", body, headers)
        sys.exit(1)


def main():
    connection = http.client.HTTPConnection(API)
    handler = load(connection)
    while True:
        headers, event = exchange(connection, "GET", "invocation/next")
        request = headers["Lambda-Runtime-Aws-Request-Id"]
        os.environ["_X_AMZN_TRACE_ID"] = headers.get("Lambda-Runtime-Trace-Id", "")
        try:
            answer = handler(json.loads(event), Context(headers))
            body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            exchange(connection, "POST", "invocation/%s/response" % request, body, {"Content-Type": "application/json"})
        except Exception as error:
            body, headers = report(error)
            exchange(connection, "POST", "invocation/%s/error" % request, body, headers)


main()
