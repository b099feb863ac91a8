package stepfunctions

import (
	"context"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// noLambda stands in where Config has no InvokeLambda.
func noLambda(_ context.Context, arn string, _ []byte, _ string, _ bool) (LambdaResult, error) {
	return LambdaResult{}, &awswire.Error{
		Code: "ResourceNotFoundException", Status: 404,
		Message: "Function not found: " + arn + " (this sandbox has no Lambda)",
	}
}
