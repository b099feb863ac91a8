package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/grpcplugin"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/grafana-plugin-sdk-go/genproto/pluginv2"
	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/store"
	"github.com/steptrace/steptrace/store/embedded/embeddedtest"
)

func TestMain(m *testing.M) { os.Exit(embeddedtest.Main(m)) }

// grafana is a Grafana's side of the plugin protocol.
type grafana struct {
	t           *testing.T
	client      *plugin.Client
	diagnostics grpcplugin.DiagnosticsClient
	data        grpcplugin.DataClient
	resources   grpcplugin.ResourceClient
	streams     grpcplugin.StreamClient
	settings    *pluginv2.PluginContext
}

// startPlugin builds the plugin and starts it as Grafana does: the handshake, protocol and services are those of its
// plugin loader.
func startPlugin(t *testing.T, dsn string) *grafana {
	t.Helper()
	executable := filepath.Join(t.TempDir(), "gpx_steptrace_datasource")
	built, err := exec.CommandContext(t.Context(), "go", "build", "-o", executable, ".").CombinedOutput()
	require.NoError(t, err, "%s", built)
	g := &grafana{t: t, settings: contextOf(t, dsn)}
	command := exec.Command(executable)
	command.Env = []string{"GF_VERSION=13.1.0", "HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir()}
	g.client = plugin.NewClient(&plugin.ClientConfig{
		Cmd: command, SkipHostEnv: true, Logger: hclog.NewNullLogger(), Managed: true,
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		HandshakeConfig: plugin.HandshakeConfig{
			ProtocolVersion: grpcplugin.ProtocolVersion,
			MagicCookieKey:  grpcplugin.MagicCookieKey, MagicCookieValue: grpcplugin.MagicCookieValue,
		},
		VersionedPlugins: map[int]plugin.PluginSet{grpcplugin.ProtocolVersion: {
			"diagnostics": &grpcplugin.DiagnosticsGRPCPlugin{}, "resource": &grpcplugin.ResourceGRPCPlugin{},
			"data": &grpcplugin.DataGRPCPlugin{}, "stream": &grpcplugin.StreamGRPCPlugin{},
		}},
	})
	t.Cleanup(g.client.Kill)
	rpc, err := g.client.Client()
	require.NoError(t, err)
	g.diagnostics = dispensed[grpcplugin.DiagnosticsClient](t, rpc, "diagnostics")
	g.data = dispensed[grpcplugin.DataClient](t, rpc, "data")
	g.resources = dispensed[grpcplugin.ResourceClient](t, rpc, "resource")
	g.streams = dispensed[grpcplugin.StreamClient](t, rpc, "stream")
	return g
}

func dispensed[Client any](t *testing.T, rpc plugin.ClientProtocol, name string) Client {
	t.Helper()
	raw, err := rpc.Dispense(name)
	require.NoError(t, err)
	client, is := raw.(Client)
	require.True(t, is, "%s is %T", name, raw)
	return client
}

func contextOf(t *testing.T, dsn string) *pluginv2.PluginContext {
	t.Helper()
	u, err := url.Parse(dsn)
	require.NoError(t, err)
	settings, err := json.Marshal(map[string]string{"database": u.Path[1:]})
	require.NoError(t, err)
	return &pluginv2.PluginContext{
		OrgId: 1, PluginId: "steptrace-datasource",
		DataSourceInstanceSettings: &pluginv2.DataSourceInstanceSettings{
			Uid: "steptrace", Name: "Steptrace", Url: "http://" + u.Host, JsonData: settings,
			LastUpdatedMS: time.Now().UnixMilli(), DecryptedSecureJsonData: map[string]string{},
		},
	}
}

func (g *grafana) health() *pluginv2.CheckHealthResponse {
	g.t.Helper()
	answer, err := g.diagnostics.CheckHealth(g.t.Context(), &pluginv2.CheckHealthRequest{PluginContext: g.settings})
	require.NoError(g.t, err)
	return answer
}

func (g *grafana) query(query string) backend.DataResponse {
	g.t.Helper()
	answer, err := g.data.QueryData(g.t.Context(), &pluginv2.QueryDataRequest{
		PluginContext: g.settings, Queries: []*pluginv2.DataQuery{{
			RefId: "A", Json: []byte(query), IntervalMS: 1000, MaxDataPoints: 100,
			TimeRange: &pluginv2.TimeRange{FromEpochMS: 0, ToEpochMS: time.Now().UnixMilli()},
		}},
	})
	require.NoError(g.t, err)
	response, err := backend.FromProto().QueryDataResponse(answer)
	require.NoError(g.t, err)
	return response.Responses["A"]
}

func (g *grafana) resource(path string) (int32, string) {
	g.t.Helper()
	name, _, _ := strings.Cut(path, "?")
	stream, err := g.resources.CallResource(g.t.Context(), &pluginv2.CallResourceRequest{
		PluginContext: g.settings, Method: http.MethodGet, Path: name, Url: path,
	})
	require.NoError(g.t, err)
	answer, err := stream.Recv()
	require.NoError(g.t, err)
	return answer.GetCode(), string(answer.GetBody())
}

func TestThePluginAsGrafanaStartsIt(t *testing.T) {
	dsn := embeddedtest.DSN(t)
	g := startPlugin(t, dsn)

	unready := g.health()
	require.Equal(t, pluginv2.CheckHealthResponse_ERROR, unready.GetStatus())
	require.Contains(t, unready.GetMessage(), "run `steptrace migrate`")
	require.NoError(t, store.Migrate(t.Context(), dsn, slog.New(slog.DiscardHandler)))
	ready := g.health()
	require.Equal(t, pluginv2.CheckHealthResponse_OK, ready.GetStatus(), ready.GetMessage())
	require.Contains(t, ready.GetMessage(), "ClickHouse")

	answer := g.query(`{"refId":"A","queryType":"sql","rawSql":"SELECT 42 AS n, 'x' AS s"}`)
	require.NoError(t, answer.Error)
	require.Equal(t, 1, answer.Frames[0].Rows())
	n, _ := answer.Frames[0].Fields[0].ConcreteAt(0)
	require.Equal(t, int64(42), n)
	require.Empty(t, g.query(`{"queryType":"executions"}`).Frames[0].Rows())
	for _, broken := range []string{``, `{}`, `[`, `{"queryType":"trace","execution":"\u0000"}`, `{"queryType":"sql","rawSql":"DROP TABLE otel_logs"}`} {
		require.Error(t, g.query(broken).Error, broken)
	}

	code, body := g.resource("values?of=statuses")
	require.Equal(t, int32(http.StatusOK), code)
	require.Contains(t, body, "TIMED_OUT")
	code, body = g.resource("state?execution=latest&state=x")
	require.Equal(t, int32(http.StatusNotFound), code)
	require.Contains(t, body, "not found")

	g.requireStream(dsn)
	require.False(t, g.client.Exited(), "it has gone through all of it")
	g.client.Kill()
	require.True(t, g.client.Exited())
}

// requireStream subscribes to a trace's changes, stores an event of it and waits for it to be told.
func (g *grafana) requireStream(dsn string) {
	g.t.Helper()
	const path = "changes/0123456789abcdef0123456789abcdef"
	allowed, err := g.streams.SubscribeStream(g.t.Context(), &pluginv2.SubscribeStreamRequest{
		PluginContext: g.settings, Path: path,
	})
	require.NoError(g.t, err)
	require.Equal(g.t, pluginv2.SubscribeStreamResponse_OK, allowed.GetStatus())
	ctx, cancel := context.WithTimeout(g.t.Context(), time.Minute)
	defer cancel()
	stream, err := g.streams.RunStream(ctx, &pluginv2.RunStreamRequest{PluginContext: g.settings, Path: path})
	require.NoError(g.t, err)
	require.Equal(g.t, int64(0), received(g.t, stream))
	storeEvent(g.t, dsn)
	require.Equal(g.t, int64(1), received(g.t, stream))
	cancel()
	_, err = stream.Recv()
	require.Error(g.t, err)
}

// received is the number of events that the next packet tells.
func received(t *testing.T, stream pluginv2.Stream_RunStreamClient) int64 {
	t.Helper()
	packet, err := stream.Recv()
	require.NoError(t, err)
	var frame data.Frame
	require.NoError(t, json.Unmarshal(packet.GetData(), &frame))
	events, _ := frame.FieldByName("events")
	return events.At(0).(int64)
}

func storeEvent(t *testing.T, dsn string) {
	t.Helper()
	options, err := store.ParseDSN(dsn)
	require.NoError(t, err)
	conn, err := clickhouse.Open(options)
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.Exec(t.Context(), `INSERT INTO otel_logs (Timestamp, TraceId, LogAttributes)
		SELECT now64(9), '0123456789abcdef0123456789abcdef', map('aws.step_functions.event.id', '1')`))
}
