"""The reference workflow's function for what Rekognition sees in an image."""
import os

import aws


def handler(event, context):
    bucket, key = aws.uploaded(event)
    image = {"Image": {"S3Object": {"Bucket": bucket, "Name": key}}}
    faces = aws.call("rekognition", "RekognitionService.DetectFaces", image)["FaceDetails"]
    labels = aws.call("rekognition", "RekognitionService.DetectLabels", image)["Labels"]
    aws.call("dynamodb", "DynamoDB_20120810.UpdateItem", {
        "TableName": os.environ["TABLE_NAME"], "Key": {"filename": {"S": key}},
        "UpdateExpression": "set labelData = :label, faceData = :face",
        "ExpressionAttributeValues": {":label": attribute(labels), ":face": attribute(faces)},
    })
    return faces


def attribute(value):
    """A value as DynamoDB has it."""
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, (int, float)):
        return {"N": repr(value)}
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, list):
        return {"L": [attribute(v) for v in value]}
    return {"M": {name: attribute(v) for name, v in value.items() if v is not None}}
