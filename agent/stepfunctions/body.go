package stepfunctions

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// maxBody bounds an answer: a page's 1000 events with the largest payload that a state can have, 256 KiB each.
const maxBody = 256 << 20

// brokenOff is a connection that ended within an answer. The SDK would call it malformed, and not worth another try.
type brokenOff struct{ err error }

func (e *brokenOff) Error() string      { return fmt.Sprintf("the answer broke off: %v", e.err) }
func (e *brokenOff) Unwrap() error      { return e.err }
func (*brokenOff) RetryableError() bool { return true }

// readWhole makes the SDK decode only answers that have arrived whole.
func (c *Client) readWhole(o *sfn.Options) {
	intercept(o, "ReadWholeBody", func(r *smithyhttp.Response) error {
		body, err := c.read(r)
		r.Body = io.NopCloser(bytes.NewReader(body))
		return err
	})
}

// takeBody keeps the body of an answer that is no error from the SDK, which would drop the members it does not know.
func (c *Client) takeBody(body *[]byte) func(*sfn.Options) {
	return func(o *sfn.Options) {
		intercept(o, "TakeBody", func(r *smithyhttp.Response) (err error) {
			if r.StatusCode < 200 || r.StatusCode >= 300 {
				return nil
			}
			*body, err = c.read(r)
			r.Body = io.NopCloser(bytes.NewReader([]byte("{}")))
			return err
		})
	}
}

// intercept calls do with each response before the SDK decodes it.
func intercept(o *sfn.Options, id string, do func(*smithyhttp.Response) error) {
	handle := func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
		middleware.DeserializeOutput, middleware.Metadata, error,
	) {
		out, metadata, err := next.HandleDeserialize(ctx, in)
		if r, ok := out.RawResponse.(*smithyhttp.Response); ok && err == nil {
			err = do(r)
		}
		return out, metadata, err
	}
	o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
		return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc(id, handle), middleware.After)
	})
}

func (c *Client) read(r *smithyhttp.Response) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, c.maxBody+1))
	_ = r.Body.Close() // what was read counts
	switch {
	case err != nil:
		return nil, &brokenOff{err}
	case int64(len(body)) > c.maxBody:
		return nil, fmt.Errorf("%w: it is longer than %d bytes", errMalformed, c.maxBody)
	}
	return body, nil
}
