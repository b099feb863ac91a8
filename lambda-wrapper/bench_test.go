package wrapper

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/stretchr/testify/require"
)

// BenchmarkInvocation is what the wrapper adds before the response leaves: sending is elsewhere.
func BenchmarkInvocation(b *testing.B) {
	handler := func(event json.RawMessage) (json.RawMessage, error) { return event, nil }
	bare := lambda.NewHandler(handler)
	cfg, err := newConfig(func(string) string { return "" },
		[]Option{WithEndpoint("http://collector"), WithLogger(slog.New(slog.DiscardHandler))})
	require.NoError(b, err)
	tel := newTelemetry(cfg)
	tel.sender.post = func(context.Context, []byte) error { return nil }
	payload := []byte(`{"detail":{"bucket":{"name":"uploads"},"object":{"key":"photo.png","size":48213}}}`)
	for name, h := range map[string]lambda.Handler{"bare": bare, "wrapped": wrap(bare, tel)} {
		b.Run(name, func(b *testing.B) {
			f, ok := byteFuncOf(h)
			require.True(b, ok)
			ctx := lambdaContext()
			b.ReportAllocs()
			for b.Loop() {
				answer, err := f(ctx, payload)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := io.Copy(io.Discard, answer); err != nil {
					b.Fatal(err)
				}
				tel.sender.queue.take()
			}
		})
	}
}
