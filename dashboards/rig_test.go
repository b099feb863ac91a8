package dashboards_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/exporter/exportertest"

	"github.com/steptrace/steptrace/collector/clickhouseexporter"
	"github.com/steptrace/steptrace/grafana-plugin/backend/plugin"
	"github.com/steptrace/steptrace/store"
	"github.com/steptrace/steptrace/store/embedded/embeddedtest"
)

// rig is a store of the test's own, written through the exporter and read through the data source.
type rig struct {
	t       *testing.T
	source  backend.QueryDataHandler
	traces  exporter.Traces
	logs    exporter.Logs
	metrics exporter.Metrics
	now     time.Time
}

func newRig(t *testing.T) *rig {
	t.Helper()
	dsn := embeddedtest.DSN(t)
	require.NoError(t, store.Migrate(t.Context(), dsn, slog.New(slog.DiscardHandler)))
	factory, settings := clickhouseexporter.NewFactory(), exportertest.NewNopSettings(clickhouseexporter.Type)
	cfg := factory.CreateDefaultConfig().(*clickhouseexporter.Config)
	cfg.Endpoint = clickhouseexporter.Endpoint(dsn)
	cfg.Queue = configoptional.None[exporterhelper.QueueBatchConfig]()
	cfg.Retry.Enabled, cfg.CreateSchema = false, false
	r := &rig{t: t, now: time.Now().Truncate(time.Second)}
	var err error
	r.traces, err = factory.CreateTraces(t.Context(), settings, cfg)
	require.NoError(t, err)
	r.logs, err = factory.CreateLogs(t.Context(), settings, cfg)
	require.NoError(t, err)
	r.metrics, err = factory.CreateMetrics(t.Context(), settings, cfg)
	require.NoError(t, err)
	for _, c := range []component.Component{r.traces, r.logs, r.metrics} {
		require.NoError(t, c.Start(t.Context(), componenttest.NewNopHost()))
		t.Cleanup(func() { require.NoError(t, c.Shutdown(context.Background())) })
	}
	r.source = r.dataSource(dsn)
	return r
}

// dataSource is the real backend, as Grafana configures it.
func (r *rig) dataSource(dsn string) backend.QueryDataHandler {
	r.t.Helper()
	u, err := url.Parse(dsn)
	require.NoError(r.t, err)
	options, err := json.Marshal(map[string]string{"database": strings.TrimPrefix(u.Path, "/")})
	require.NoError(r.t, err)
	instance, err := plugin.New(r.t.Context(), backend.DataSourceInstanceSettings{
		UID: "steptrace", Name: "Steptrace", URL: "http://" + u.Host, JSONData: options,
	})
	require.NoError(r.t, err)
	i := instance.(*plugin.Instance)
	r.t.Cleanup(i.Dispose)
	return i
}

// ask sends one query over the range that ends now.
func (r *rig) ask(model map[string]any, from time.Duration) backend.DataResponse {
	r.t.Helper()
	text, err := json.Marshal(model)
	require.NoError(r.t, err)
	refID, ok := model["refId"].(string)
	require.True(r.t, ok, model)
	answered, err := r.source.QueryData(r.t.Context(), &backend.QueryDataRequest{Queries: []backend.DataQuery{{
		RefID: refID, JSON: text, Interval: time.Minute, MaxDataPoints: 100,
		TimeRange: backend.TimeRange{From: time.Now().Add(-from), To: time.Now().Add(time.Second)},
	}}})
	require.NoError(r.t, err)
	return answered.Responses[refID]
}
