package wrapper

import (
	"context"
	"encoding/json"
	"io"
	"strings"
	"time"

	"go.opentelemetry.io/otel"
)

// functions are what the environment tests run in processes of their own.
var functions = map[string]any{
	"echo":     func(_ context.Context, event json.RawMessage) (json.RawMessage, error) { return event, nil },
	"bytes":    byteEcho{},
	"fail":     func() error { return &imageError{"no such image"} },
	"panic":    func() error { panic(&imageError{"out of pixels"}) },
	"stream":   func() (io.Reader, error) { return &slowReader{parts: strings.Fields("one two three")}, nil },
	"badread":  func() (io.Reader, error) { return &slowReader{parts: []string{"one"}, err: &imageError{"lost"}}, nil },
	"userspan": userSpan,
	"outlive":  outlive,
}

type imageError struct{ text string }

func (e *imageError) Error() string { return e.text }

type byteEcho struct{}

func (byteEcho) Invoke(_ context.Context, payload []byte) ([]byte, error) { return payload, nil }

// slowReader is a streamed response: each part is a Read.
type slowReader struct {
	parts []string
	err   error // instead of EOF
}

func (r *slowReader) Read(p []byte) (int, error) {
	if len(r.parts) == 0 {
		if r.err != nil {
			return 0, r.err
		}
		return 0, io.EOF
	}
	n := copy(p, r.parts[0])
	r.parts = r.parts[1:]
	return n, nil
}

func (r *slowReader) ContentType() string { return "text/plain" }

func userSpan(ctx context.Context) error {
	_, span := otel.Tracer("thumbnails").Start(ctx, "resize")
	span.End()
	return nil
}

// outlive does not return before Lambda's deadline.
func outlive(ctx context.Context) error {
	_, span := otel.Tracer("thumbnails").Start(ctx, "resize")
	defer span.End()
	<-ctx.Done()
	<-time.After(time.Minute)
	return nil
}
