package collector_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/steptrace/steptrace/collector"
)

// secrets has a secret, each with "hidden" in it, wherever a configuration may have one.
const secrets = `yaml:
extensions:
  bearertokenauth: {token: hidden-token}
  bearertokenauth/several: {tokens: [hidden-first, hidden-second]}
  health_check: {response_headers: {x-key: hidden-response}}
receivers:
  otlp: {protocols: {http: {
    response_headers: {x-key: hidden-response}, tls: {cert_pem: hidden-cert, key_pem: hidden-key}}}}
  awsvendedlogs: {http: {endpoint: "127.0.0.1:1", access_key: hidden-access}}
exporters:
  otlp_http:
    endpoint: https://someone:hidden-url@x
    proxy_url: http://proxy:hidden-proxy@x
    headers: {Authorization: hidden-header}
    tls: {ca_pem: hidden-ca, cert_pem: hidden-cert, key_pem: hidden-key}
  otlp_http/list: {endpoint: "http://x", headers: [{name: Authorization, value: hidden-header}]}
  otlp_grpc: {endpoint: "x:4317", headers: {x-api-key: hidden-header}, tls: {key_pem: hidden-key, cert_pem: hidden-cert}}
  clickhouse: {tls: {key_pem: hidden-key, cert_pem: hidden-cert}}
service:
  telemetry:
    resource: {deployment: shown}
    traces: {processors: [{batch: {exporter: {otlp: {protocol: http/protobuf, endpoint: "http://x",
      headers: [{name: x-api-key, value: hidden-header}]}}}}]}
    logs: {processors: [{batch: {exporter: {otlp: {protocol: http/protobuf, endpoint: "http://a:hidden-in@x",
      headers_list: "x-api-key=hidden-list"}}}}]}
    metrics: {level: basic, readers: [{periodic: {exporter: {otlp: {protocol: http/protobuf, endpoint: "http://x",
      headers: {x-api-key: hidden-header}}}}}]}
`

func TestEffectiveConfigurationHasNoSecrets(t *testing.T) {
	t.Setenv("STEPTRACE_STORE_PASSWORD", "hidden-password")
	t.Setenv("STEPTRACE_CLICKHOUSE_URL", "http://writer:hidden-user@clickhouse:8123")
	text, err := collector.Effective(t.Context(), collector.Settings{URIs: []string{
		"yaml:" + collector.DefaultConfig, secrets,
	}})
	require.NoError(t, err)
	require.NotContains(t, string(text), "hidden")
	require.Contains(t, string(text), "writer:xxxxx@clickhouse:8123")
	require.Contains(t, string(text), "x-api-key", "names are shown")
	require.Contains(t, string(text), "deployment: shown")
	require.NotContains(t, string(text), "otlp/guard", "which nobody has written")
}

func TestEffectiveConfigurationHasDefaults(t *testing.T) {
	text, err := collector.Effective(t.Context(), collector.Settings{})
	require.NoError(t, err)
	var effective struct {
		Receivers map[string]struct {
			PollInterval string `yaml:"poll_interval"`
		}
	}
	require.NoError(t, yaml.Unmarshal(text, &effective))
	require.Equal(t, "5s", effective.Receivers["stepfunctions"].PollInterval, string(text))
	_, err = collector.Effective(t.Context(), collector.Settings{URIs: []string{
		"yaml:" + collector.DefaultConfig, `yaml:{"receivers": {"stepfunctions": {"quota_share": 2}}}`,
	}})
	require.ErrorContains(t, err, "receivers::stepfunctions: quota_share")
}
