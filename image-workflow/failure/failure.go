// Package failure names a Lambda function's errors by what AWS called them.
package failure

import (
	"context"
	"errors"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/smithy-go"
)

// Named makes a handler fail with AWS's own error code as the errorType, such as InvalidImageFormatException, as the
// workflow's Python original does. A state machine can then retry and catch by it; of a wrapped Go error Lambda would
// only report "wrapError". The message stays.
func Named[In, Out any](handle func(context.Context, In) (Out, error)) func(context.Context, In) (Out, error) {
	return func(ctx context.Context, in In) (Out, error) {
		out, err := handle(ctx, in)
		return out, name(err)
	}
}

func name(err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return err
	}
	return messages.InvokeResponse_Error{Message: err.Error(), Type: api.ErrorCode()}
}
