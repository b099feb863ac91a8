package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/rekognition"
	"github.com/aws/aws-sdk-go-v2/service/rekognition/types"

	"github.com/steptrace/steptrace/image-workflow/uploadevent"
)

type handler struct {
	rekognition *rekognition.Client
	dynamo      *dynamodb.Client
	table       string
}

func newHandler(cfg aws.Config) (*handler, error) {
	table := os.Getenv("TABLE_NAME")
	if table == "" {
		return nil, errors.New("TABLE_NAME is empty: set it to the DynamoDB table with partition key filename")
	}
	return &handler{
		rekognition: rekognition.NewFromConfig(cfg),
		dynamo:      dynamodb.NewFromConfig(cfg),
		table:       table,
	}, nil
}

// handle returns the faces as Rekognition's JSON has them.
func (h *handler) handle(ctx context.Context, event uploadevent.Event) (json.RawMessage, error) {
	bucket, key, err := event.Object()
	if err != nil {
		return nil, err
	}
	image := &types.Image{S3Object: &types.S3Object{Bucket: &bucket, Name: &key}}
	faces, err := h.rekognition.DetectFaces(ctx, &rekognition.DetectFacesInput{Image: image})
	if err != nil {
		return nil, fmt.Errorf("detect faces in s3://%s/%s: %w", bucket, key, err)
	}
	labels, err := h.rekognition.DetectLabels(ctx, &rekognition.DetectLabelsInput{Image: image})
	if err != nil {
		return nil, fmt.Errorf("detect labels in s3://%s/%s: %w", bucket, key, err)
	}
	return h.store(ctx, key, faces.FaceDetails, labels.Labels)
}

// store puts both lists on the image's item and returns the faces.
func (h *handler) store(ctx context.Context, key string, faces []types.FaceDetail, labels []types.Label) (
	json.RawMessage, error,
) {
	faceJSON, faceData, err := toAttribute(faces)
	if err != nil {
		return nil, fmt.Errorf("convert the faces of %s: %w", key, err)
	}
	_, labelData, err := toAttribute(labels)
	if err != nil {
		return nil, fmt.Errorf("convert the labels of %s: %w", key, err)
	}
	_, err = h.dynamo.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &h.table,
		Key: map[string]dynamotypes.AttributeValue{
			"filename": &dynamotypes.AttributeValueMemberS{Value: key},
		},
		UpdateExpression:          aws.String("set labelData = :label, faceData = :face"),
		ExpressionAttributeValues: map[string]dynamotypes.AttributeValue{":label": labelData, ":face": faceData},
	})
	if err != nil {
		return nil, fmt.Errorf("store faces and labels of %s in table %s: %w", key, h.table, err)
	}
	return faceJSON, nil
}
