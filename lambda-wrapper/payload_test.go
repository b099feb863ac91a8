package wrapper

import (
	"encoding/json"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/stretchr/testify/require"
)

// payloadsOf invokes an echo with options and returns the events on its span.
func payloadsOf(t *testing.T, event string, options ...Option) []gotEvent {
	t.Helper()
	cfg, err := newConfig(func(string) string { return "" },
		append(options, WithEndpoint("http://collector"), WithLogger(slog.New(slog.DiscardHandler))))
	require.NoError(t, err)
	tel, m := newTelemetry(cfg), &memory{}
	tel.sender.post = m.post
	h := wrap(lambda.NewHandler(func(e json.RawMessage) (json.RawMessage, error) { return e, nil }), tel)
	body, err := h.Invoke(lambdaContext(), []byte(event))
	require.NoError(t, err)
	require.Equal(t, event, string(body), "the response is whole")
	require.Len(t, m.received(), 1)
	return m.received()[0].Events
}

func TestPayloadsAreNotRecordedUnlessWanted(t *testing.T) {
	require.Empty(t, payloadsOf(t, `{"a":1}`))
}

func TestPayloadsAreRedactedAndThenCut(t *testing.T) {
	event := `{"token":"` + strings.Repeat("x", 100) + `","iban":"DE1","order":"123456789"}`
	both := func(attributes map[string]any) []gotEvent {
		events := make([]gotEvent, 0, 2)
		for _, direction := range []string{"request", "response"} {
			all := map[string]any{
				"steptrace.payload.direction": direction, "steptrace.payload.size": int64(len(event)),
			}
			for k, v := range attributes {
				all[k] = v
			}
			events = append(events, gotEvent{"payload", all})
		}
		return events
	}
	require.Equal(t,
		both(map[string]any{"steptrace.payload.body": `{"token":"[REDACTED]","iban":"[REDACTED]","order":"123456789"}`}),
		payloadsOf(t, event, WithPayloads(1000), WithRedactedNames("iban")))
	require.Equal(t,
		both(map[string]any{"steptrace.payload.body": `{"token":"[RED…`, "steptrace.payload.truncated": true}),
		payloadsOf(t, event, WithPayloads(14)))
	require.Equal(t, both(map[string]any{"steptrace.payload.body": "mine"}),
		payloadsOf(t, event, WithPayloads(1000), WithRedaction(func(payload string) string {
			require.Equal(t, event, payload)
			return "mine"
		})))
}

func TestTextAndStreamsAreKnownByTheirSizeOrNotAtAll(t *testing.T) {
	cfg, err := newConfig(func(string) string { return "" }, []Option{WithEndpoint("http://collector"), WithPayloads(100)})
	require.NoError(t, err)
	tel, m := newTelemetry(cfg), &memory{}
	tel.sender.post = m.post
	h := wrap(lambda.NewHandler(byteHandler(func([]byte) ([]byte, error) { return []byte("secret=1"), nil })), tel)
	_, err = h.Invoke(lambdaContext(), []byte(`no JSON`))
	require.NoError(t, err)
	require.Equal(t, []gotEvent{
		{"payload", map[string]any{"steptrace.payload.direction": "request", "steptrace.payload.size": int64(7)}},
		{"payload", map[string]any{"steptrace.payload.direction": "response", "steptrace.payload.size": int64(8)}},
	}, m.received()[0].Events)

	h = wrap(lambda.NewHandler(func() (io.Reader, error) { return &slowReader{parts: []string{"a"}}, nil }), tel)
	_, err = h.Invoke(lambdaContext(), []byte(`{}`))
	require.NoError(t, err)
	require.Len(t, m.received()[1].Events, 1, "of a stream only the request")
}

func TestFingerprintsCanBeLeftOut(t *testing.T) {
	cfg, err := newConfig(func(string) string { return "" }, []Option{WithEndpoint("http://c"), WithoutFingerprints()})
	require.NoError(t, err)
	tel, m := newTelemetry(cfg), &memory{}
	tel.sender.post = m.post
	_, err = wrap(lambda.NewHandler(func() {}), tel).Invoke(lambdaContext(), []byte(`{}`))
	require.NoError(t, err)
	require.NotContains(t, m.received()[0].Attributes, "steptrace.payload.fingerprint")
}

func TestSettingsOfPayloads(t *testing.T) {
	read := func(env map[string]string) (config, error) {
		return newConfig(func(name string) string { return env[name] }, nil)
	}
	c, err := read(map[string]string{
		"STEPTRACE_PAYLOADS": "4096", "STEPTRACE_REDACT_NAMES": "iban, card", "STEPTRACE_FINGERPRINTS": "false",
		"STEPTRACE_JOURNAL": "off",
	})
	require.NoError(t, err)
	require.Equal(t, 4096, c.payloadLimit)
	require.Equal(t, []string{"iban", " card"}, c.redactedNames)
	require.True(t, c.noFingerprints)
	require.Empty(t, c.journalDir)
	_, err = read(map[string]string{"STEPTRACE_PAYLOADS": "all"})
	require.ErrorContains(t, err, `STEPTRACE_PAYLOADS is "all"`)
}
