package guardedotlp_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configgrpc"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/receiver/receivertest"
	"go.uber.org/goleak"
	"google.golang.org/grpc/encoding"

	"github.com/steptrace/steptrace/collector/guardedotlp"
	"github.com/steptrace/steptrace/collector/loopback"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// listening has only HTTP.
func listening(t *testing.T) (url string, cfg *otlpreceiver.Config) {
	t.Helper()
	address, err := loopback.FreeAddress(t.Context())
	require.NoError(t, err)
	cfg = guardedotlp.NewFactory().CreateDefaultConfig().(*otlpreceiver.Config)
	cfg.Protocols.GRPC = configoptional.None[configgrpc.ServerConfig]()
	cfg.Protocols.HTTP.GetOrInsertDefault().ServerConfig.NetAddr.Endpoint = address
	return "http://" + address, cfg
}

func start(t *testing.T, f receiver.Factory, cfg component.Config, next *consumertest.TracesSink) (stop func()) {
	t.Helper()
	set := receivertest.NewNopSettings(f.Type())
	traces, err := f.CreateTraces(t.Context(), set, cfg, next)
	require.NoError(t, err)
	logs, err := f.CreateLogs(t.Context(), set, cfg, consumertest.NewNop())
	require.NoError(t, err)
	both := []component.Component{traces, logs}
	for _, r := range both {
		require.NoError(t, r.Start(t.Context(), componenttest.NewNopHost()))
	}
	return func() {
		for _, r := range both {
			require.NoError(t, r.Shutdown(context.WithoutCancel(t.Context())))
		}
	}
}

func post(t *testing.T, url, contentEncoding string, body []byte) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/v1/traces", bytes.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Content-Encoding", contentEncoding)
	answer, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, string(text)
}

const oneSpan = `{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"s"}]}]}]}`

// frame is oneSpan in a zstd frame whose window is 1 KiB * 2^exponent.
func frame(exponent byte) []byte {
	size := len(oneSpan)<<3 | 1 // a raw block, the last
	return append([]byte{
		0x28, 0xb5, 0x2f, 0xfd, 0, exponent << 3, byte(size), byte(size >> 8), byte(size >> 16),
	}, oneSpan...)
}

// A frame of a few bytes has a decoder reserve what it says that its window is.
func TestWindowsAreBounded(t *testing.T) {
	url, cfg := listening(t)
	sink := new(consumertest.TracesSink)
	stop := start(t, guardedotlp.NewFactory(), cfg, sink)
	defer stop()
	status, answer := post(t, url, "zstd", frame(13)) // 8 MiB
	require.Equal(t, http.StatusOK, status, answer)
	require.Equal(t, 1, sink.SpanCount())
	status, answer = post(t, url, "zstd", frame(14))
	require.Equal(t, http.StatusBadRequest, status)
	require.Contains(t, answer, "window size exceeded")

	for exponent, fails := range map[byte]bool{13: false, 14: true, 19: true} {
		r, err := encoding.GetCompressor("zstd").Decompress(bytes.NewReader(frame(exponent)))
		require.NoError(t, err)
		_, err = io.ReadAll(r)
		require.Equal(t, fails, err != nil, err)
		require.NoError(t, r.(io.Closer).Close())
	}
}

// What the user has written of decompression holds.
func TestCompressionAlgorithmsAreThoseOfTheConfiguration(t *testing.T) {
	url, cfg := listening(t)
	cfg.Protocols.HTTP.Get().ServerConfig.CompressionAlgorithms = []string{"", "gzip"}
	stop := start(t, guardedotlp.NewFactory(), cfg, new(consumertest.TracesSink))
	defer stop()
	status, answer := post(t, url, "zstd", frame(1))
	require.Equal(t, http.StatusBadRequest, status)
	require.Contains(t, answer, "unsupported Content-Encoding: zstd")
	require.True(t, strings.HasPrefix(answer, "{"), answer)
	status, answer = post(t, url, "", []byte(oneSpan))
	require.Equal(t, http.StatusOK, status, answer)
}

// The same configuration may be started again, by the same factory, and is not changed by that.
func TestStartAgain(t *testing.T) {
	url, cfg := listening(t)
	f := guardedotlp.NewFactory()
	before := *cfg
	for range 2 {
		sink := new(consumertest.TracesSink)
		stop := start(t, f, cfg, sink)
		status, answer := post(t, url, "", []byte(oneSpan))
		require.Equal(t, http.StatusOK, status, answer)
		require.Equal(t, 1, sink.SpanCount())
		stop()
	}
	require.Equal(t, before, *cfg)
}
