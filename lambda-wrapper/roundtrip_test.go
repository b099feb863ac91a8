package wrapper

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/stretchr/testify/require"
)

// FuzzRoundTrip compares a wrapped handler with the bare one: what it receives, what it answers and how it fails.
func FuzzRoundTrip(f *testing.F) {
	for _, s := range []string{
		`{"n":9007199254740993}`, ` [1.0, 1e400, "\ud800"] `, `"<&>"`, `{"a":1,"a":2}`, ``, `{`, "\xff", `null`, `1 2`,
	} {
		f.Add([]byte(s))
	}
	var received []byte
	handlers := []any{
		byteHandler(func(p []byte) ([]byte, error) { received = append([]byte(nil), p...); return p, nil }),
		byteHandler(func(p []byte) ([]byte, error) { return nil, errors.New(string(p)) }),
		func(event json.RawMessage) (json.RawMessage, error) {
			received = append([]byte(nil), event...)
			return event, nil
		},
		func(event any) (any, error) { return event, nil },
		func(map[string]any) (io.Reader, error) { return &slowReader{parts: []string{"a", "b"}}, nil },
	}
	cfg, err := newConfig(func(string) string { return "" },
		[]Option{WithEndpoint("http://collector"), WithLogger(slog.New(slog.DiscardHandler))})
	require.NoError(f, err)
	tel := newTelemetry(cfg)
	tel.sender.post = func(context.Context, []byte) error { return nil }
	f.Fuzz(func(t *testing.T, payload []byte) {
		for _, h := range handlers {
			received = nil
			want, wantErr := lambda.NewHandler(h).Invoke(lambdaContext(), payload)
			wantReceived := received
			received = nil
			got, gotErr := wrap(lambda.NewHandler(h), tel).Invoke(lambdaContext(), payload)
			require.Equal(t, wantReceived, received)
			require.Equal(t, string(want), string(got))
			require.Equal(t, wantErr, gotErr)
		}
	})
}

type byteHandler func([]byte) ([]byte, error)

func (h byteHandler) Invoke(_ context.Context, payload []byte) ([]byte, error) { return h(payload) }
