package wrapper

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
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
	"exit":     func(ctx context.Context) error { _ = userSpan(ctx); os.Exit(3); return nil },
	"fatal":    func(ctx context.Context) error { _ = userSpan(ctx); log.Fatal("no more"); return nil },
	"crash":    crash,
	"endure":   endure,
	"kill": func(ctx context.Context) error {
		_ = userSpan(ctx)
		_ = os.WriteFile(filepath.Join(os.TempDir(), "ended"), nil, 0o600)
		select {}
	},
}

// mains are functions that start in another way than by Start.
var mains = map[string]func(){
	"sigterm": func() { Start(functions["echo"], WithHandlerOptions(lambda.WithEnableSIGTERM(lastSpan))) },
	"several": func() {
		handlers := map[string]lambda.Handler{}
		for _, name := range []string{"echo", "fail"} {
			handlers[name] = Wrap(functions[name])
		}
		Start(Wrap(handlers["echo"])) // which is one span, not three
	},
	"choice": choice,
}

// lastSpan is what a handler of SIGTERM may do.
func lastSpan() {
	_, span := otel.Tracer("thumbnails").Start(context.Background(), "farewell")
	span.End()
}

// choice calls one of two handlers, each wrapped by itself.
func choice() {
	handlers := map[string]lambda.Handler{"echo": Wrap(functions["echo"]), "userspan": Wrap(functions["userspan"])}
	Start(byteHandlerWithContext(func(ctx context.Context, event []byte) ([]byte, error) {
		return handlers[strings.Trim(string(event), `"`)].Invoke(ctx, event)
	}), WithEndpoint("")) // the choice itself is not traced
}

type byteHandlerWithContext func(context.Context, []byte) ([]byte, error)

func (h byteHandlerWithContext) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	return h(ctx, event)
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

// crash panics where nothing can recover it.
func crash(ctx context.Context) error {
	_ = userSpan(ctx)
	go panic("out of pixels")
	select {}
}

// outlive does not return before Lambda's deadline.
func outlive(ctx context.Context) error {
	_, span := otel.Tracer("thumbnails").Start(ctx, "resize")
	defer span.End()
	<-ctx.Done()
	<-time.After(time.Minute)
	return nil
}
