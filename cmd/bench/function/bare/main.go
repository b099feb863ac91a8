// Command bare is a Lambda function with the image workflow's SDK clients and no tracing.
package main

import (
	"context"
	"encoding/json"
	"log"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/rekognition"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// clients are linked and made, as a real function's are, but not called: what is measured is the wrapper.
var clients struct {
	s3          *s3.Client
	dynamo      *dynamodb.Client
	rekognition *rekognition.Client
}

func handle(_ context.Context, event json.RawMessage) (json.RawMessage, error) { return event, nil }

func main() {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	clients.s3, clients.dynamo = s3.NewFromConfig(cfg), dynamodb.NewFromConfig(cfg)
	clients.rekognition = rekognition.NewFromConfig(cfg)
	lambda.Start(handle)
}
