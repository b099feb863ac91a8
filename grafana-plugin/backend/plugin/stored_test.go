package plugin

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/url"
	"testing"
	"time"

	"github.com/coder/quartz"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/exporter/exportertest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/agent/telemetry"
	"github.com/steptrace/steptrace/collector/clickhouseexporter"
	"github.com/steptrace/steptrace/store"
	"github.com/steptrace/steptrace/store/embedded/embeddedtest"
)

// day is in the future, where retention does not reach it.
var day = time.Date(2090, 1, 1, 0, 0, 0, 0, time.UTC)

// now is what the data source takes for now.
var now = day.Add(10 * time.Minute)

// stored is a store of the test's own, written through the exporter, and a data source that reads it.
type stored struct {
	*Instance
	t      *testing.T
	traces exporter.Traces
	logs   exporter.Logs
}

func newStored(t *testing.T) *stored {
	t.Helper()
	dsn := embeddedtest.DSN(t)
	require.NoError(t, store.Migrate(t.Context(), dsn, slog.New(slog.DiscardHandler)))
	factory, settings := clickhouseexporter.NewFactory(), exportertest.NewNopSettings(clickhouseexporter.Type)
	cfg := factory.CreateDefaultConfig().(*clickhouseexporter.Config)
	cfg.Endpoint = clickhouseexporter.Endpoint(dsn)
	cfg.Queue = configoptional.None[exporterhelper.QueueBatchConfig]()
	cfg.CreateSchema = false
	s := &stored{Instance: instanceOf(t, dsn), t: t}
	var err error
	s.traces, err = factory.CreateTraces(t.Context(), settings, cfg)
	require.NoError(t, err)
	s.logs, err = factory.CreateLogs(t.Context(), settings, cfg)
	require.NoError(t, err)
	require.NoError(t, s.traces.Start(t.Context(), componenttest.NewNopHost()))
	require.NoError(t, s.logs.Start(t.Context(), componenttest.NewNopHost()))
	t.Cleanup(func() {
		require.NoError(t, s.traces.Shutdown(context.Background()))
		require.NoError(t, s.logs.Shutdown(context.Background()))
	})
	return s
}

// instanceOf is a data source as Grafana configures it, at the time now.
func instanceOf(t *testing.T, dsn string) *Instance {
	t.Helper()
	u, err := url.Parse(dsn)
	require.NoError(t, err)
	password, _ := u.User.Password()
	jsonData, err := json.Marshal(map[string]string{"database": u.Path[1:], "username": u.User.Username()})
	require.NoError(t, err)
	made, err := New(t.Context(), backend.DataSourceInstanceSettings{
		UID: "steptrace", Name: "Steptrace", URL: "http://" + u.Host, JSONData: jsonData,
		DecryptedSecureJSONData: map[string]string{"password": password},
	})
	require.NoError(t, err)
	i := made.(*Instance)
	t.Cleanup(i.Dispose)
	clock := quartz.NewMock(t)
	clock.Set(now)
	i.clock = clock
	return i
}

// store converts an execution's history and writes what comes out.
func (s *stored) store(e convert.Execution, events ...history.Event) {
	s.t.Helper()
	out := convert.New(e, nil).Feed(events...)
	traces, logs := ptrace.NewTraces(), plog.NewLogs()
	telemetry.AppendTraces(traces, e, out.Spans)
	telemetry.AppendLogs(logs, e, out.Records, now)
	require.NoError(s.t, s.traces.ConsumeTraces(s.t.Context(), traces))
	require.NoError(s.t, s.logs.ConsumeLogs(s.t.Context(), logs))
}

// ask asks one query of the day's first ten minutes, without its refId.
func (s *stored) ask(query string) backend.DataResponse {
	s.t.Helper()
	response, err := s.QueryData(s.t.Context(), &backend.QueryDataRequest{Queries: []backend.DataQuery{queryOf("A", query)}})
	require.NoError(s.t, err)
	return response.Responses["A"]
}

func queryOf(refID, query string) backend.DataQuery {
	return backend.DataQuery{
		RefID: refID, JSON: []byte(query), Interval: 2 * time.Minute, MaxDataPoints: 100,
		TimeRange: backend.TimeRange{From: day, To: now},
	}
}
