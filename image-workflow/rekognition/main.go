// Command rekognition is the workflow's second Lambda function: it stores the faces and labels that Rekognition finds
// in an uploaded image.
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
