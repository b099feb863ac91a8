// Command metadata is the workflow's first Lambda function: it stores an uploaded image's metadata in DynamoDB.
package main

import (
	"context"
	"log"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/steptrace/steptrace/image-workflow/failure"
	wrapper "github.com/steptrace/steptrace/lambda-wrapper"
)

func main() {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Fatalf("load the AWS configuration: %v", err)
	}
	wrapper.InstrumentAWS(&cfg)
	h, err := newHandler(cfg)
	if err != nil {
		log.Fatal(err)
	}
	wrapper.Start(failure.Named(h.handle))
}
