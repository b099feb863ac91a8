package vendedlogsreceiver_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/receivertest"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/steptrace/steptrace/agent/cloudwatchlogs/cloudwatchlogstest"
	"github.com/steptrace/steptrace/agent/vendedlogs/vendedlogstest"
	"github.com/steptrace/steptrace/collector/loopback"
	"github.com/steptrace/steptrace/collector/vendedlogsreceiver"
)

const (
	group = "/aws/vendedlogs/states/resize"
	arn   = "arn:aws:states:eu-west-1:123456789012:express:resize:run:"
)

var simpleSpans = []string{"execution resize 20", "state Pass 0"}

// polling points the SDK at a scripted API with an empty log group.
func polling(t *testing.T) (*cloudwatchlogstest.Server, *vendedlogsreceiver.Config) {
	t.Helper()
	for key, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "eu-west-1",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
	} {
		t.Setenv(key, value)
	}
	api := cloudwatchlogstest.New(t)
	api.AddGroup(group)
	t.Setenv("AWS_ENDPOINT_URL", api.URL)
	cfg := unsourced(t)
	p := cfg.Poll.GetOrInsertDefault()
	p.LogGroups, p.Interval, p.QuotaShare = []string{"/aws/vendedlogs/*"}, 5*time.Millisecond, 1
	return api, cfg
}

func unsourced(t *testing.T) *vendedlogsreceiver.Config {
	t.Helper()
	cfg := vendedlogsreceiver.NewFactory().CreateDefaultConfig().(*vendedlogsreceiver.Config)
	cfg.Checkpoint = filepath.Join(t.TempDir(), "vendedlogs.json")
	return cfg
}

// listening is a configuration that listens on a free port.
func listening(t *testing.T) (url string, cfg *vendedlogsreceiver.Config) {
	t.Helper()
	address, err := loopback.FreeAddress(t.Context())
	require.NoError(t, err)
	cfg = unsourced(t)
	web := cfg.HTTP.GetOrInsertDefault()
	web.ServerConfig.NetAddr.Endpoint, web.Spool = address, filepath.Join(t.TempDir(), "spool")
	return "http://" + address, cfg
}

// start runs the receiver in both pipelines until the test ends, or stop is called.
func start(t *testing.T, cfg component.Config, set receiver.Settings, sink *vendedlogstest.Sink) (stop func()) {
	t.Helper()
	factory := vendedlogsreceiver.NewFactory()
	traces, err := factory.CreateTraces(t.Context(), set, cfg, sink.Traces())
	require.NoError(t, err)
	logs, err := factory.CreateLogs(t.Context(), set, cfg, sink.Logs())
	require.NoError(t, err)
	require.Same(t, traces, logs)
	for _, r := range []component.Component{traces, logs} {
		require.NoError(t, r.Start(t.Context(), componenttest.NewNopHost()))
	}
	return func() {
		for _, r := range []component.Component{traces, logs} {
			require.NoError(t, r.Shutdown(t.Context()))
		}
	}
}

func settings() receiver.Settings {
	return receivertest.NewNopSettings(vendedlogsreceiver.NewFactory().Type())
}

func spans(s *vendedlogstest.Sink) []string { return slices.Sorted(maps.Values(s.Spans())) }

func TestPollMakesTraces(t *testing.T) {
	api, cfg := polling(t)
	sink := vendedlogstest.NewSink()
	stop := start(t, cfg, settings(), sink)
	for _, l := range vendedlogstest.Lines(t, arn+"a", vendedlogstest.Simple, time.Now()) {
		api.Put(group, "states/resize/1", l.At, l.Text)
	}
	require.Eventually(t, func() bool { return len(sink.Spans()) == 2 }, 10*time.Second, time.Millisecond)
	stop()
	require.Equal(t, simpleSpans, spans(sink))
	require.FileExists(t, cfg.Checkpoint)
	again := vendedlogstest.NewSink()
	api.Calls("FilterLogEvents")
	stop = start(t, cfg, settings(), again)
	calls := 0
	require.Eventually(t, func() bool { calls += api.Calls("FilterLogEvents"); return calls > 1 }, 10*time.Second,
		time.Millisecond)
	stop()
	require.Empty(t, again.Records(), "what was accepted does not come again")
}

func post(t *testing.T, url, key string, body []byte, header ...string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("X-Amz-Firehose-Access-Key", key)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(r)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	return answer.StatusCode
}

// The limits hold before and behind the Collector's own decompression.
func TestPushIsBounded(t *testing.T) {
	url, cfg := listening(t)
	web := cfg.HTTP.Get()
	web.ServerConfig.MaxRequestBodySize, web.MaxDecompressedBytes = 1<<16, 1<<16
	sink := vendedlogstest.NewSink()
	stop := start(t, cfg, settings(), sink)
	zip := func(body []byte) []byte {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, err := w.Write(body)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		return b.Bytes()
	}
	send := func(body []byte) int {
		return post(t, url, "", body, "Content-Encoding", "gzip")
	}
	lines := vendedlogstest.Lines(t, arn+"a", vendedlogstest.Simple, time.Now())
	require.Equal(t, http.StatusOK, send(zip(firehose(vendedlogstest.Subscription(t, lines...)))))
	require.Equal(t, simpleSpans, spans(sink))
	bomb := bytes.Repeat([]byte(" "), 1<<17)
	require.Equal(t, http.StatusRequestEntityTooLarge, send(zip(bomb)))
	require.Equal(t, http.StatusRequestEntityTooLarge, post(t, url, "", bomb))
	require.Equal(t, http.StatusRequestEntityTooLarge, post(t, url, "", firehose(zip(bomb))))
	require.Equal(t, http.StatusBadRequest, send([]byte("no gzip")))
	stop()
}

func firehose(data []byte) []byte {
	return []byte(`{"requestId":"r","timestamp":1,"records":[{"data":"` + base64.StdEncoding.EncodeToString(data) + `"}]}`)
}

func TestPushMakesTraces(t *testing.T) {
	url, cfg := listening(t)
	cfg.HTTP.Get().AccessKey = "key"
	sink := vendedlogstest.NewSink()
	stop := start(t, cfg, settings(), sink)
	body := firehose(vendedlogstest.Subscription(t, vendedlogstest.Lines(t, arn+"a", vendedlogstest.Simple, time.Now())...))
	require.Equal(t, http.StatusUnauthorized, post(t, url, "", body))
	require.Equal(t, http.StatusOK, post(t, url, "key", body))
	require.Equal(t, simpleSpans, spans(sink))
	require.Len(t, sink.Records(), 4)
	stop()
}

// What was pushed and has not ended is kept on disk: a start goes on with it.
func TestWhatWasPushedOutlivesTheProcess(t *testing.T) {
	url, cfg := listening(t)
	sink := vendedlogstest.NewSink()
	stop := start(t, cfg, settings(), sink)
	lines := vendedlogstest.Lines(t, arn+"a", vendedlogstest.Simple, time.Now().Truncate(time.Millisecond))
	ended := vendedlogstest.Lines(t, arn+"b", vendedlogstest.Simple, time.Now().Truncate(time.Millisecond))
	require.Equal(t, http.StatusOK, post(t, url, "", firehose(vendedlogstest.Subscription(t, append(ended, lines[:2]...)...))))
	require.Len(t, sink.Spans(), 2)
	stop()
	require.Len(t, sink.Spans(), 2)
	stop = start(t, cfg, settings(), sink)
	require.Equal(t, http.StatusOK, post(t, url, "", firehose(vendedlogstest.Subscription(t, lines...))))
	stop()
	require.Equal(t, append(slices.Repeat(simpleSpans[:1], 2), slices.Repeat(simpleSpans[1:], 2)...), spans(sink))
	require.Equal(t, map[string]int{
		arn + "a 1": 2, arn + "a 2": 2, arn + "a 3": 1, arn + "a 4": 1,
		arn + "b 1": 1, arn + "b 2": 1, arn + "b 3": 1, arn + "b 4": 1,
	}, sink.Records(), "what is sent twice is the same")
}

func TestMetrics(t *testing.T) {
	url, cfg := listening(t)
	tel := componenttest.NewTelemetry()
	set := settings()
	set.TelemetrySettings = tel.NewTelemetrySettings()
	stop := start(t, cfg, set, vendedlogstest.NewSink())
	lines := vendedlogstest.Lines(t, arn+"a", vendedlogstest.Simple, time.Now().Add(-time.Hour))
	lines = append(lines[:3], lines[2], vendedlogstest.Line{At: lines[0].At, Text: "hello"})
	require.Equal(t, http.StatusOK, post(t, url, "", firehose(vendedlogstest.Subscription(t, lines...))))
	for name, want := range map[string]int64{"lines": 4, "duplicates": 1, "bad": 1, "missing": 0} {
		m, err := tel.GetMetric("steptrace.vendedlogs." + name)
		require.NoError(t, err)
		require.Equal(t, want, m.Data.(metricdata.Sum[int64]).DataPoints[0].Value, name)
	}
	m, err := tel.GetMetric("steptrace.vendedlogs.executions")
	require.NoError(t, err)
	require.Equal(t, int64(1), m.Data.(metricdata.Gauge[int64]).DataPoints[0].Value)
	m, err = tel.GetMetric("steptrace.vendedlogs.lag")
	require.NoError(t, err)
	require.InDelta(t, 3600, m.Data.(metricdata.Gauge[float64]).DataPoints[0].Value, 60)
	stop()
	require.NoError(t, tel.Shutdown(t.Context()))
}

func TestStartSaysWhatCannotBeUsed(t *testing.T) {
	_, cfg := polling(t)
	fails := func(want string) {
		t.Helper()
		r, err := vendedlogsreceiver.NewFactory().CreateLogs(t.Context(), settings(), cfg, vendedlogstest.NewSink().Logs())
		require.NoError(t, err)
		require.ErrorContains(t, r.Start(t.Context(), componenttest.NewNopHost()), want)
		require.NoError(t, r.Shutdown(t.Context()), "what did not start can be shut down")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	web := cfg.HTTP.GetOrInsertDefault()
	web.ServerConfig.NetAddr.Endpoint, web.Spool = l.Addr().String(), filepath.Join(t.TempDir(), "spool")
	fails("address already in use")
	cfg.HTTP = configoptional.None[vendedlogsreceiver.HTTPConfig]()
	require.NoError(t, os.WriteFile(cfg.Checkpoint, []byte("{"), 0o600))
	fails(cfg.Checkpoint)
	t.Setenv("AWS_REGION", "")
	fails("AWS_REGION")
}
