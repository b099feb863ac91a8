"""Calls of AWS with the standard library, for the sandbox, which verifies no signatures."""
import json
import os
import urllib.request

ENDPOINT = os.environ.get("AWS_ENDPOINT_URL", "")


def call(service, target, body):
    """A call in AWS JSON."""
    request = urllib.request.Request(ENDPOINT, json.dumps(body).encode(), {
        "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target, "Authorization": signed(service)})
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read() or b"{}")


def get_object(bucket, key):
    """The headers of an object."""
    request = urllib.request.Request("%s/%s/%s" % (ENDPOINT, bucket, key), headers={"Authorization": signed("s3")})
    with urllib.request.urlopen(request) as answer:
        return answer.headers


def signed(service):
    return "AWS4-HMAC-SHA256 Credential=sandbox/20260101/%s/%s/aws4_request, SignedHeaders=host, Signature=0" % (
        os.environ["AWS_REGION"], service)


def uploaded(event):
    """Bucket and key, of either shape of the event."""
    detail = event["detail"]
    if "requestParameters" in detail:
        return detail["requestParameters"]["bucketName"], detail["requestParameters"]["key"]
    return detail["bucket"]["name"], detail["object"]["key"]
