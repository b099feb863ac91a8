package interpreter

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/steptrace/steptrace/sandbox/awswire"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

var (
	sqsSDK = jsonService{
		target: "AmazonSQS", contentType: awswire.JSON10, signing: "sqs",
		prefix: "Sqs", generic: "SqsException", causeName: "Sqs",
	}
	sqsOptimized = jsonService{
		target: "AmazonSQS", contentType: awswire.JSON10, signing: "sqs",
		prefix: "SQS", generic: "AmazonSQSException", causeName: "AmazonSQS", optimized: true,
	}
)

// sqsSendMessage is the optimized integration: a message body that is no string is sent as JSON.
// Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-sqs.html
func (r *run) sqsSendMessage(ctx context.Context, arguments dataflow.Value) (dataflow.Value, *Failure) {
	if object, ok := arguments.(*jsonvalue.Object); ok {
		if body, has := object.Get("MessageBody"); has {
			arguments = object.Clone().Set("MessageBody", bodyText(body))
		}
	}
	a, err := r.post(ctx, sqsOptimized, "SendMessage", jsonvalue.Encode(arguments))
	if err != nil {
		failure := failuref("SQS.SdkClientException", "Unable to execute HTTP request: %v", err)
		return nil, &failure
	}
	if a.status >= http.StatusBadRequest {
		return nil, sqsOptimized.failure(a)
	}
	return sqsOptimized.outputWith(a, a.passedOnBySQS())
}

// passedOnBySQS are the headers that SQS's optimized integration passes on.
func (a answer) passedOnBySQS() []header {
	headers := []header{
		{"x-amzn-RequestId", a.requestID()},
		{"connection", "keep-alive"},
		{"Content-Length", fmt.Sprint(len(a.body))},
		{"Date", a.header.Get("Date")},
		{"Content-Type", a.header.Get("Content-Type")},
	}
	return slices.DeleteFunc(headers, func(h header) bool { return h.value == "" })
}
