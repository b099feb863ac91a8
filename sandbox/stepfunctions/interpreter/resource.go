package interpreter

import (
	"strings"
)

const (
	lambdaARN      = "arn:aws:lambda:"
	integrationARN = "arn:aws:states:::"
)

// integration is how to reach a Task state's resource; false when the sandbox cannot.
func (r *run) integration(resource string) (integration, bool) {
	if strings.HasPrefix(resource, lambdaARN) {
		return r.directLambda(resource), true
	}
	name, ok := strings.CutPrefix(resource, integrationARN)
	if !ok {
		return integration{}, false
	}
	at := strings.LastIndexByte(name, ':')
	if at < 0 {
		return integration{}, false
	}
	service, action := name[:at], name[at+1:]
	call := r.call(service, action)
	return integration{
		events: taskEvents,
		label:  service,
		base:   Details{ResourceType: service, Resource: action, Region: r.Region},
		call:   call,
	}, call != nil
}

// call is the function behind an integration; nil when there is none.
func (r *run) call(service, action string) taskCall {
	switch {
	case service == "lambda" && action == "invoke":
		return r.lambdaInvoke
	case service == "dynamodb" && optimizedDynamoDB[action]:
		return r.jsonCall(dynamoDBOptimized, action)
	case service == "aws-sdk:dynamodb" && !strings.Contains(action, "."):
		return r.jsonCall(dynamoDBSDK, action)
	case service == "aws-sdk:rekognition" && !strings.Contains(action, "."):
		return r.jsonCall(rekognitionSDK, action)
	case service == "sqs" && action == "sendMessage":
		return r.sqsSendMessage
	case service == "aws-sdk:sqs" && !strings.Contains(action, "."):
		return r.jsonCall(sqsSDK, action)
	case service == "aws-sdk:s3":
		return r.s3Call(action)
	}
	return nil
}

// optimizedDynamoDB are the operations of the optimized integration.
// Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-ddb.html
var optimizedDynamoDB = map[string]bool{"getItem": true, "putItem": true, "updateItem": true, "deleteItem": true}
