package interpreter

import (
	"context"
	"net/http"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// sdkInvoke is the integration aws-sdk:lambda:invoke: what a function answers is a text, and its errors are no errors
// of the task.
func (r *run) sdkInvoke(ctx context.Context, arguments dataflow.Value) (dataflow.Value, *Failure) {
	call, failure := r.invocation(arguments)
	if failure != nil {
		return nil, failure
	}
	if call.asynchronous {
		r.calls.Go(func() { _, _ = r.InvokeLambda(ctx, call.arn, call.payload, call.header, false) })
		return jsonvalue.NewObject().Set("Payload", "").Set("StatusCode", number(http.StatusAccepted)), nil
	}
	result, err := r.InvokeLambda(ctx, call.arn, call.payload, call.header, call.tail)
	if err != nil {
		return nil, lambdaFailure(err)
	}
	o := jsonvalue.NewObject().Set("ExecutedVersion", result.ExecutedVersion)
	if result.FunctionError != "" {
		o.Set("FunctionError", result.FunctionError)
	}
	if call.tail {
		o.Set("LogResult", result.LogTail)
	}
	return o.Set("Payload", string(result.Payload)).Set("StatusCode", number(http.StatusOK)), nil
}
