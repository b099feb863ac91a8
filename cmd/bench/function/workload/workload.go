// Package workload is what the functions of the benchmark have in common: everything but how they are traced.
package workload

import (
	"context"
	"encoding/json"
	"log"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/rekognition"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// clients are linked and made, as a real function's are, but not called: what is measured is the tracing.
var clients struct {
	s3          *s3.Client
	dynamo      *dynamodb.Client
	rekognition *rekognition.Client
}

// Handle answers with the event.
func Handle(_ context.Context, event json.RawMessage) (json.RawMessage, error) { return event, nil }

// LoadConfig is the AWS configuration of the environment.
func LoadConfig() aws.Config {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	return cfg
}

// MakeClients makes those of the image workflow.
func MakeClients(cfg aws.Config) {
	clients.s3, clients.dynamo = s3.NewFromConfig(cfg), dynamodb.NewFromConfig(cfg)
	clients.rekognition = rekognition.NewFromConfig(cfg)
}
