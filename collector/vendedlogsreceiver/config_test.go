package vendedlogsreceiver_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"

	"github.com/steptrace/steptrace/collector/payloads"
	"github.com/steptrace/steptrace/collector/vendedlogsreceiver"
)

func load(t *testing.T, file, id string) *vendedlogsreceiver.Config {
	t.Helper()
	conf, err := confmaptest.LoadConf(file)
	require.NoError(t, err)
	sub, err := conf.Sub(id)
	require.NoError(t, err)
	cfg := vendedlogsreceiver.NewFactory().CreateDefaultConfig()
	require.NoError(t, sub.Unmarshal(cfg))
	return cfg.(*vendedlogsreceiver.Config)
}

func TestConfig(t *testing.T) {
	polled := load(t, "testdata/config.yaml", "awsvendedlogs/poll")
	require.NoError(t, confmap.Validate(polled))
	require.False(t, polled.HTTP.HasValue())
	require.Equal(t, 30*time.Second, polled.Poll.Get().Overlap)
	require.Equal(t, "steptrace-data/agent/vendedlogs.json", polled.Checkpoint)

	pushed := load(t, "testdata/config.yaml", "awsvendedlogs/http")
	require.NoError(t, confmap.Validate(pushed))
	require.False(t, pushed.Poll.HasValue())
	require.Equal(t, "127.0.0.1:8090", pushed.HTTP.Get().ServerConfig.NetAddr.Endpoint)

	all := load(t, "testdata/config.yaml", "awsvendedlogs/all")
	require.NoError(t, confmap.Validate(all))
	require.Equal(t, &vendedlogsreceiver.PollConfig{
		Region: "eu-west-1", Endpoint: "http://127.0.0.1:4566", Unsigned: true,
		RoleARN: "arn:aws:iam::123456789012:role/steptrace", ExternalID: "x",
		LogGroups: []string{
			"/aws/vendedlogs/states/*", "orders", "arn:aws:logs:eu-west-1:123456789012:log-group:x:*",
		},
		Interval: time.Second, DiscoveryInterval: 30 * time.Second, Overlap: time.Minute, InitialHistory: time.Hour,
		MaxReplay: 30 * time.Minute, QuotaShare: 0.8,
	}, all.Poll.Get())
	web := all.HTTP.Get()
	require.Equal(t, "0.0.0.0:8443", web.ServerConfig.NetAddr.Endpoint)
	require.Equal(t, int64(1<<20), web.ServerConfig.MaxRequestBodySize)
	require.Equal(t, "secret", string(web.AccessKey))
	require.Equal(t, int64(4<<20), web.MaxDecompressedBytes)
	require.Equal(t, time.Minute, web.Patience)
	require.Equal(t, 4, web.MaxRequests)
	require.Equal(t, "/var/lib/steptrace/spool", web.Spool)
	require.Equal(t, int64(1_000_000), web.MaxSpoolBytes)
	require.Equal(t, vendedlogsreceiver.AssemblyConfig{
		ReorderWindow: 10 * time.Second, ExpressSilence: 7 * time.Minute, StandardSilence: time.Hour, MaxExecutions: 10,
		MaxBytes: 1_000_000, MaxRemembered: 20,
	}, all.Assembly)
	require.Equal(t, "/var/lib/steptrace/vendedlogs.json", all.Checkpoint)
	require.Equal(t, payloads.Config{
		MaxBytes: 1024, Redact: payloads.RedactConfig{Keys: []string{"iban"}, Paths: []string{"$..customer.email"}},
	}, all.Payloads)
}

func TestBadConfigNamesTheKey(t *testing.T) {
	for id, want := range map[string]string{
		"none":     "name a source of log lines",
		"groups":   "poll: log_groups: name the log groups",
		"pattern":  `poll: log_groups::1: "/aws/*/states" is neither a name`,
		"empty":    `poll: log_groups::0: ""`,
		"pause":    "poll: interval: 0s is not above 0",
		"late":     "poll: overlap: 0s is not above 0",
		"seldom":   "poll: discovery_interval: -1s is not above 0",
		"past":     "poll: initial_history: 0s is not above 0",
		"replay":   "poll: max_replay: 0s is not above 0",
		"share":    "poll: quota_share: 0 is not above 0",
		"nan":      "poll: quota_share: NaN is not above 0",
		"unit":     "assembly: reorder_window: 30ns is below 1ms; write times with their unit, like 5s",
		"unsigned": "poll: unsigned: AWS wants signed requests",
		"role":     `poll: role_arn: "arn:aws:iam::123456789012:user/x" is no ARN of a role`,
		"url":      `poll: endpoint: "localhost:4566" is not a URL`,
		"open":     `http: endpoint: "0.0.0.0:8090" takes data from other machines`,
		"keyless":  `http: endpoint: "0.0.0.0:8090" takes data from other machines`,
		"plain":    `http: endpoint: ":8090" takes data from other machines`,
		"timeout":  "http: write_timeout: 30s ends the answer before patience does",
		"body":     "http: max_request_body_size: 0 is not above 0",
		"bomb":     "http: max_decompressed_bytes: 0 is not above 0",
		"patience": "http: patience: 0s is not above 0",
		"places":   "http: max_requests: 0 is not above 0",
		"spool":    "http: spool: name the folder",
		"kept":     "http: max_spool_bytes: 0 is not above 0",
		"window":   "assembly: reorder_window: 0s is not above 0",
		"held":     "assembly: max_bytes: 0 is not above 0",
		"file":     "checkpoint: name the file",
		"key":      `payloads::redact: keys::0: "card(" is not a regular expression`,
	} {
		t.Run(id, func(t *testing.T) {
			require.ErrorContains(t, confmap.Validate(load(t, "testdata/bad.yaml", "awsvendedlogs/"+id)), want)
		})
	}
}

func TestUnknownKeysAreRefused(t *testing.T) {
	cfg := vendedlogsreceiver.NewFactory().CreateDefaultConfig()
	err := confmap.NewFromStringMap(map[string]any{"poll": map[string]any{"intervall": "1s"}}).Unmarshal(cfg)
	require.ErrorContains(t, err, "intervall")
	err = confmap.NewFromStringMap(map[string]any{"http": map[string]any{"acess_key": "1s"}}).Unmarshal(cfg)
	require.ErrorContains(t, err, "acess_key")
}
