package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/uuid"

	"github.com/steptrace/steptrace/image-workflow/uploadevent"
)

// item is what is stored of an image and returned. FileSize is in bytes.
type item struct {
	ID          string `json:"id"` // 32 hex digits, random
	S3Bucket    string `json:"s3_bucket"`
	Filename    string `json:"filename"` // the object's key
	FileSize    int64  `json:"filesize"`
	ContentType string `json:"contentType"`
}

type handler struct {
	s3     *s3.Client
	dynamo *dynamodb.Client
	table  string
}

func newHandler(cfg aws.Config) (*handler, error) {
	table := os.Getenv("TABLE_NAME")
	if table == "" {
		return nil, errors.New("TABLE_NAME is empty: set it to the DynamoDB table with partition key filename")
	}
	return &handler{s3: s3.NewFromConfig(cfg, s3Options), dynamo: dynamodb.NewFromConfig(cfg), table: table}, nil
}

// s3Options keeps the bucket out of the host name at an endpoint of one's own, which has no wildcard DNS, and spares
// the log a line for each object that was uploaded without a checksum.
func s3Options(o *s3.Options) {
	o.UsePathStyle = o.BaseEndpoint != nil
	o.DisableLogOutputChecksumValidationSkipped = true
}

func (h *handler) handle(ctx context.Context, event uploadevent.Event) (item, error) {
	bucket, key, err := event.Object()
	if err != nil {
		return item{}, err
	}
	image, err := h.describe(ctx, bucket, key)
	if err != nil {
		return item{}, fmt.Errorf("read s3://%s/%s: %w", bucket, key, err)
	}
	if err := h.store(ctx, image); err != nil {
		return item{}, fmt.Errorf("store the metadata of %s in table %s: %w", key, h.table, err)
	}
	return image, nil
}

// describe gets the object as the workflow's original does, but closes it unread: only its headers are of interest.
func (h *handler) describe(ctx context.Context, bucket, key string) (item, error) {
	object, err := h.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return item{}, err
	}
	if err := object.Body.Close(); err != nil {
		return item{}, err
	}
	id := uuid.New()
	return item{
		ID:          hex.EncodeToString(id[:]),
		S3Bucket:    bucket,
		Filename:    key,
		FileSize:    aws.ToInt64(object.ContentLength),
		ContentType: aws.ToString(object.ContentType),
	}, nil
}

func (h *handler) store(ctx context.Context, i item) error {
	_, err := h.dynamo.PutItem(ctx, &dynamodb.PutItemInput{TableName: &h.table, Item: map[string]types.AttributeValue{
		"id":          &types.AttributeValueMemberS{Value: i.ID},
		"s3_bucket":   &types.AttributeValueMemberS{Value: i.S3Bucket},
		"filename":    &types.AttributeValueMemberS{Value: i.Filename},
		"filesize":    &types.AttributeValueMemberN{Value: fmt.Sprint(i.FileSize)},
		"contentType": &types.AttributeValueMemberS{Value: i.ContentType},
	}})
	return err
}
