package sqs

import (
	"net/http"
	"strings"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// The namespaces of error types: of SQS's own, and of those that every service has.
const (
	ownNamespace    = "com.amazonaws.sqs#"
	commonNamespace = "com.amazon.coral.service#"
)

// queryCodes are the error codes of the query protocol, by the error types of the JSON protocol that are called
// otherwise. SDKs made for the former read them from x-amzn-query-error.
// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-json.html
var queryCodes = map[string]string{
	"BatchEntryIdsNotDistinct":          "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
	"BatchRequestTooLong":               "AWS.SimpleQueueService.BatchRequestTooLong",
	"EmptyBatchRequest":                 "AWS.SimpleQueueService.EmptyBatchRequest",
	"InvalidBatchEntryId":               "AWS.SimpleQueueService.InvalidBatchEntryId",
	"MessageNotInflight":                "AWS.SimpleQueueService.MessageNotInflight",
	"PurgeQueueInProgress":              "AWS.SimpleQueueService.PurgeQueueInProgress",
	"QueueDeletedRecently":              "AWS.SimpleQueueService.QueueDeletedRecently",
	"QueueDoesNotExist":                 "AWS.SimpleQueueService.NonExistentQueue",
	"QueueNameExists":                   "QueueAlreadyExists",
	"TooManyEntriesInBatchRequest":      "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
	"UnsupportedOperation":              "AWS.SimpleQueueService.UnsupportedOperation",
	"InvalidParameterValueException":    "InvalidParameterValue",
	"MissingRequiredParameterException": "MissingParameter",
}

// writeError answers as SQS does: the type with its namespace, and the query protocol's code in a header.
func writeError(w http.ResponseWriter, err error) {
	e := *awswire.AsError(err)
	fault := "Sender"
	if e.Status >= http.StatusInternalServerError {
		fault = "Receiver"
	}
	w.Header().Set("X-Amzn-Query-Error", queryCode(e.Code)+";"+fault)
	e.Code = namespace(e.Code) + e.Code
	awswire.WriteError(w, awswire.JSON10, &e)
}

func queryCode(code string) string {
	if other, ok := queryCodes[code]; ok {
		return other
	}
	return code
}

func namespace(code string) string {
	if strings.HasSuffix(code, "Exception") || code == "InternalFailure" {
		return commonNamespace
	}
	return ownNamespace
}

func invalidValue(format string, args ...any) *awswire.Error {
	return awswire.Errorf("InvalidParameterValueException", format, args...)
}

func missing(parameter string) *awswire.Error {
	return awswire.Errorf("MissingRequiredParameterException", "The request must contain the parameter %s.", parameter)
}

// outside is the error about a number that is not within its bounds.
func outside(parameter string, value, low, high int) *awswire.Error {
	return invalidValue("Value %d for parameter %s is invalid. Reason: Must be >= %d and <= %d, if provided.",
		value, parameter, low, high)
}
