// Command wrapped is the same function as bare, wrapped.
package main

import (
	"context"
	"encoding/json"
	"log"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/rekognition"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	wrapper "github.com/steptrace/steptrace/lambda-wrapper"
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
	wrapper.InstrumentAWS(&cfg)
	clients.s3, clients.dynamo = s3.NewFromConfig(cfg), dynamodb.NewFromConfig(cfg)
	clients.rekognition = rekognition.NewFromConfig(cfg)
	wrapper.Start(handle)
}
