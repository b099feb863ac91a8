package wrapper

import (
	"context"
	"io"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
)

// Start is lambda.Start for a traced handler: any function that lambda.Start takes, or a lambda.Handler. It does not
// return.
func Start(handler any, options ...Option) { lambda.Start(Wrap(handler, options...)) }

// Wrap returns a handler, for lambda.Start, that traces the given one: any function that lambda.NewHandler takes, or a
// lambda.Handler. What the handler receives, what Lambda gets back, errors, panics and streamed responses are
// unchanged. Call it during init, before lambda.Start.
//
// lambda.StartWithOptions ignores its options for a handler that is already built: give them to Wrap by
// WithHandlerOptions.
func Wrap(handler any, options ...Option) lambda.Handler {
	cfg, err := newConfig(os.Getenv, options)
	bare := lambda.NewHandlerWithOptions(handler, cfg.handlerOptions...)
	if process.has(bare) {
		return bare // traced already
	}
	if err != nil {
		cfg.logger.Error("steptrace: tracing is off", slog.Any("error", err))
		return bare
	}
	if cfg.endpoint == "" {
		return bare
	}
	traced := wrap(bare, process.telemetryFor(cfg))
	process.add(traced)
	return traced
}

// wrap puts the tracing around the byte function inside a handler built by aws-lambda-go, where responses still
// stream; around its Invoke, which buffers them, if a future version hides that function.
func wrap(bare lambda.Handler, t *telemetry) lambda.Handler {
	if inner, ok := byteFuncOf(bare); ok {
		if traced, ok := withByteFunc(bare, t.traced(inner)); ok {
			return traced
		}
	}
	return buffered(t.traced(invokeOf(bare)))
}

// traced is the wrapper itself: bytes in, bytes out.
func (t *telemetry) traced(handler byteFunc) byteFunc {
	return func(ctx context.Context, payload []byte) (io.Reader, error) {
		inv := t.begin(ctx, payload)
		if inv == nil {
			return handler(ctx, payload)
		}
		defer func() {
			if value := recover(); value != nil {
				inv.panicked(value)
				panic(value)
			}
		}()
		answer, err := handler(inv.ctx, payload) //nolint:contextcheck // begin derives it from ctx
		if err != nil {
			inv.failed(err)
			return nil, err
		}
		return inv.answered(answer), nil
	}
}
