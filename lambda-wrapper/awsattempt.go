package wrapper

import (
	"context"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/faas"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// throttles tells AWS's answers that mean "too fast".
var throttles = retry.IsErrorThrottles(retry.DefaultThrottles)

func traceAttempt(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
	out middleware.FinalizeOutput, metadata middleware.Metadata, err error,
) {
	c, ok := middleware.GetStackValue(ctx, callKey{}).(*call)
	if !ok {
		return next.HandleFinalize(ctx, in)
	}
	c.begin()
	out, metadata, err = next.HandleFinalize(ctx, in)
	c.attempted(in.Request, metadata, err)
	return out, metadata, err
}

// begin marks that an attempt follows a failed one, and why.
func (c *call) begin() {
	c.attempts++
	if c.attempts == 1 {
		return
	}
	attributes := []attribute.KeyValue{attribute.Int(semconv.HTTPResendCount, c.attempts-1)}
	if c.err != nil {
		attributes = append(attributes, attribute.String(semconv.ErrorType, callErrorName(c.err)),
			attribute.String(semconv.ExceptionMessage, faas.Truncate(c.err.Error(), faas.MaxMessage)))
	}
	c.span.AddEvent("retry", trace.WithTimestamp(time.Now()), trace.WithAttributes(attributes...))
}

func (c *call) attempted(request any, metadata middleware.Metadata, err error) {
	c.err = err
	if req, ok := request.(*smithyhttp.Request); ok && req.URL != nil {
		c.span.SetAttributes(attribute.String(semconv.ServerAddress, req.URL.Hostname()))
		c.sent(req)
	}
	if throttles.IsErrorThrottle(err) == aws.TrueTernary {
		c.span.AddEvent("throttle", trace.WithAttributes(attribute.String(semconv.ErrorType, callErrorName(err))))
	}
	res, ok := awsmiddleware.GetRawResponse(metadata).(*smithyhttp.Response)
	if !ok || res.Response == nil {
		return
	}
	c.span.SetAttributes(attribute.Int(semconv.HTTPStatus, res.StatusCode))
	if id := res.Header.Get("X-Amz-Id-2"); id != "" {
		c.span.SetAttributes(attribute.String(semconv.AWSExtendedRequest, id))
	}
}

// sent records the size of an object, which a PutObject need not name.
func (c *call) sent(req *smithyhttp.Request) {
	if c.operation != "PutObject" && c.operation != "UploadPart" {
		return
	}
	size := req.ContentLength
	if decoded, err := strconv.ParseInt(req.Header.Get("X-Amz-Decoded-Content-Length"), 10, 64); err == nil {
		size = decoded // the body is framed, for a checksum behind it
	}
	if size > 0 {
		c.span.SetAttributes(attribute.Int64(semconv.S3ObjectSize, size))
	}
}
