// Package imageworkflow is the reference workflow: an uploaded image's metadata and what Rekognition sees in it go to
// a DynamoDB table. The folders metadata and rekognition are its two Lambda functions, template.yaml deploys it.
package imageworkflow

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
)

// definition has ${MetadataFunctionArn} and ${RekognitionFunctionArn} in place of the functions' ARNs, in the form of
// CloudFormation's DefinitionSubstitutions.
//
//go:embed statemachine.asl.json
var definition string

// Definition is the state machine's Amazon States Language definition with the ARNs of the two functions put in.
func Definition(metadataARN, rekognitionARN string) (string, error) {
	metadata, err := insideString(metadataARN)
	if err != nil {
		return "", err
	}
	rekognition, err := insideString(rekognitionARN)
	if err != nil {
		return "", err
	}
	return strings.NewReplacer(
		"${MetadataFunctionArn}", metadata,
		"${RekognitionFunctionArn}", rekognition,
	).Replace(definition), nil
}

// insideString escapes s for a place between two quotation marks of JSON.
func insideString(s string) (string, error) {
	if s == "" {
		return "", fmt.Errorf("the state machine needs the ARNs of both functions, and one is empty")
	}
	quoted, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("quote the function ARN %q: %w", s, err)
	}
	return string(quoted[1 : len(quoted)-1]), nil
}
