package wrapper

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/stretchr/testify/require"
)

// costEvents are events of the kinds whose cost matters.
var costEvents = map[string]string{
	"step functions": `{"detail":{"bucket":{"name":"uploads"},"object":{"key":"photo.png","size":48213}}}`,
	"unicode": `{"title":"Größe \"L\" – 😀","tags":["été","\u00fc"],"scores":[1.5,120,-3],"id":9007199254740993,` +
		`"nested":{"z":{"b":null,"a":true},"a":[{"k":"v"},{"k":"w"}]}}`,
	"context object": `{"order":7,"_steptrace":` + contextObject + `}`,
	"request": `{"version":"2.0","headers":{"host":"x","traceparent":"` + upstream + `"},"requestContext":{"http":{}},` +
		`"body":"{\"order\":7}"}`,
	"message": `{"Records":[{"messageId":"m1","eventSource":"aws:sqs","body":"{}","messageAttributes":` +
		`{"traceparent":{"stringValue":"` + upstream + `"}}}]}`,
}

// costPair returns a bare handler's byte function and the same one wrapped, without sending.
func costPair(t testing.TB) (bare, wrapped byteFunc, tel *telemetry) {
	h := lambda.NewHandler(func(event json.RawMessage) (json.RawMessage, error) { return event, nil })
	cfg, err := newConfig(func(string) string { return "" },
		[]Option{WithEndpoint("http://collector"), WithLogger(slog.New(slog.DiscardHandler))})
	require.NoError(t, err)
	tel = newTelemetry(cfg)
	tel.sender.post = func(context.Context, []byte) error { return nil }
	journal, _, err := openJournal(filepath.Join(t.TempDir(), "journal"))
	require.NoError(t, err)
	t.Cleanup(journal.close)
	tel.sender.queue.journal = journal
	bare, ok := byteFuncOf(h)
	require.True(t, ok)
	wrapped, ok = byteFuncOf(wrap(h, tel))
	require.True(t, ok)
	return bare, wrapped, tel
}

// respond runs what happens from an event's arrival until its response has been read; the rest comes after it.
func respond(t testing.TB, ctx context.Context, f byteFunc, payload []byte) { //nolint:revive // t comes first here
	answer, err := f(ctx, payload)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, answer); err != nil {
		t.Fatal(err)
	}
}

// drained empties the queue without sending.
func drained(tel *telemetry) (mark int) {
	_, mark = tel.sender.queue.take()
	return mark
}

// BenchmarkInvocation is what the wrapper adds before the response leaves: sending is elsewhere.
func BenchmarkInvocation(b *testing.B) {
	bare, wrapped, tel := costPair(b)
	ctx, cancel := context.WithTimeout(lambdaContext(), time.Hour)
	defer cancel()
	for kind, event := range costEvents {
		for name, f := range map[string]byteFunc{"bare": bare, "wrapped": wrapped} {
			b.Run(kind+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					respond(b, ctx, f, []byte(event))
					tel.sender.queue.journal.forget(drained(tel))
				}
			})
		}
	}
}

// maxAdded is below the budget of 60 allocations on the response path beyond the bare handler's; there are 22 to 31.
const maxAdded = 40

func TestTheResponsePathAllocatesLittle(t *testing.T) {
	bare, wrapped, tel := costPair(t)
	ctx, cancel := context.WithTimeout(lambdaContext(), time.Hour) // of which a real invocation has one, too
	defer cancel()
	for kind, event := range costEvents {
		t.Run(kind, func(t *testing.T) {
			allocations := func(f byteFunc) float64 {
				return testing.AllocsPerRun(200, func() {
					respond(t, ctx, f, []byte(event))
					tel.sender.queue.journal.forget(drained(tel))
				})
			}
			without, with := allocations(bare), allocations(wrapped)
			t.Logf("%v allocations bare, %v wrapped", without, with)
			require.LessOrEqual(t, with-without, float64(maxAdded))
		})
	}
}
