"""The reference workflow's function for an image's metadata."""
import os
import uuid

import aws


def handler(event, context):
    bucket, key = aws.uploaded(event)
    image = aws.get_object(bucket, key)
    item = {
        "id": uuid.uuid4().hex, "s3_bucket": bucket, "filename": key,
        "filesize": int(image["Content-Length"]), "contentType": image["Content-Type"],
    }
    aws.call("dynamodb", "DynamoDB_20120810.PutItem", {"TableName": os.environ["TABLE_NAME"], "Item": {
        name: {"N": str(value)} if isinstance(value, int) else {"S": value} for name, value in item.items()}})
    return item
