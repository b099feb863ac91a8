package failure_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rekognition/types"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/image-workflow/failure"
)

func fails(err error) func(context.Context, string) (string, error) {
	return func(_ context.Context, in string) (string, error) { return in, err }
}

func TestAWSErrorsKeepTheirNameAndMessage(t *testing.T) {
	cause := fmt.Errorf("detect faces: %w", &types.InvalidImageFormatException{Message: aws.String("no image")})
	_, err := lambda.NewHandler(failure.Named(fails(cause))).Invoke(t.Context(), []byte(`"x"`))
	require.Equal(t, messages.InvokeResponse_Error{
		Type: "InvalidImageFormatException", Message: "detect faces: InvalidImageFormatException: no image",
	}, err)
}

func TestOtherErrorsAndResultsPassUnchanged(t *testing.T) {
	cause := errors.New("no bucket in the event")
	_, err := failure.Named(fails(cause))(t.Context(), "x")
	require.Same(t, cause, err)
	out, err := failure.Named(fails(nil))(t.Context(), "x")
	require.NoError(t, err)
	require.Equal(t, "x", out)
}
