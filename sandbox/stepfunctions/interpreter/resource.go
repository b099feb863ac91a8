package interpreter

import (
	"regexp"
	"strings"
)

const (
	lambdaARN      = "arn:aws:lambda:"
	integrationARN = "arn:aws:states:::"
)

// activityARN matches the ARNs of activities.
var activityARN = regexp.MustCompile(`^arn:aws[a-z-]*:states:[a-z0-9-]+:[0-9]{12}:activity:[^:]+$`)

// integration is how to reach a Task state's resource; false when the sandbox cannot.
func (r *run) integration(resource string) (integration, bool) {
	if strings.HasPrefix(resource, lambdaARN) {
		return r.directLambda(resource), true
	}
	if activityARN.MatchString(resource) {
		return integration{
			events: activityEvents, label: resource, base: Details{Resource: resource}, activity: resource,
		}, true
	}
	name, ok := strings.CutPrefix(resource, integrationARN)
	if !ok {
		return integration{}, false
	}
	base, pattern := cutPattern(name)
	at := strings.LastIndexByte(base, ':')
	if at < 0 {
		return integration{}, false
	}
	service, action := base[:at], base[at+1:]
	call := r.call(service, action)
	return integration{
		events:  taskEvents,
		label:   service,
		base:    Details{ResourceType: service, Resource: name[at+1:], Region: r.Region},
		pattern: pattern,
		call:    call,
	}, call != nil && pattern.of(service, action)
}

// call is the function behind an integration; nil when there is none.
func (r *run) call(service, action string) taskCall {
	switch {
	case service == "lambda" && action == "invoke":
		return r.lambdaInvoke
	case service == "dynamodb" && optimizedDynamoDB[action]:
		return r.jsonCall(dynamoDBOptimized, action)
	case service == "states" && action == "startExecution":
		return r.jsonCall(statesOptimized, action)
	case service == "sqs" && action == "sendMessage":
		return r.jsonCall(sqsOptimized, action)
	case service == "events" && action == "putEvents":
		return r.jsonCall(eventsOptimized, action)
	case service == "aws-sdk:lambda" && action == "invoke":
		return r.sdkInvoke
	case service == "aws-sdk:s3":
		return r.s3Call(action)
	}
	if sdk, ok := sdkServices[service]; ok && !strings.Contains(action, ".") {
		return r.jsonCall(sdk, action)
	}
	return nil
}

// sdkServices are the services all of whose operations tasks can call.
var sdkServices = map[string]jsonService{
	"aws-sdk:dynamodb": dynamoDBSDK, "aws-sdk:rekognition": rekognitionSDK, "aws-sdk:sfn": statesSDK,
	"aws-sdk:sqs": sqsSDK, "aws-sdk:eventbridge": eventsSDK, "aws-sdk:cloudwatchlogs": logsSDK,
}

// optimizedDynamoDB are the operations of the optimized integration.
// Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-ddb.html
var optimizedDynamoDB = map[string]bool{"getItem": true, "putItem": true, "updateItem": true, "deleteItem": true}
