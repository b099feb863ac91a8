package collector_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/collector"
)

// mistakes has for each component a key that it does not know and a value that it does not take, and what names them.
var mistakes = []struct{ overlay, want, key string }{
	{`{"receivers": {"otlp": {"protcols": {}}}}`, "receivers", "protcols"},
	{`{"receivers": {"otlp": {"protocols": {"http": {"endpont": "x"}}}}}`, "receivers::otlp::protocols::http::endpont", ""},
	{`{"receivers": {"otlp": {"protocols": {"http": {"endpoint": "127.0.0.1:1", "traces_url_path": ":"}}}}}`, "receivers", "traces_url_path"},
	{`{"receivers": {"otlp": {"protocols": {"grpc": {"max_recv_msg_size_mib": -1}}}}}`, "receivers::otlp::protocols::grpc", "max_recv_msg_size_mib"},
	{`{"receivers": {"otlp": {"protocols": {"http": {"tls": {"cert_fil": "x"}}}}}}`, "receivers", "cert_fil"},
	{`{"receivers": {"stepfunctions": {"pol_interval": "1s"}}}`, "receivers", "pol_interval"},
	{`{"receivers": {"stepfunctions": {"quota_share": 2}}}`, "receivers::stepfunctions: quota_share", ""},
	{`{"receivers": {"stepfunctions": {"payloads": {"redact": {"keys": ["("]}}}}}`, "receivers::stepfunctions::payloads::redact: keys::0", ""},
	{`{"receivers": {"awsvendedlogs": {"http": {"acess_key": "x"}}}}`, "receivers", "acess_key"},
	{`{"receivers": {"awsvendedlogs": {"poll": {"log_groups": ["a"], "interval": "0s"}}}}`, "receivers::awsvendedlogs::poll: interval", ""},
	{`{"receivers": {"awsvendedlogs": {"http": {"endpoint": "0.0.0.0:1"}}}}`, "receivers::awsvendedlogs::http: endpoint", ""},
	{`{"processors": {"memory_limiter": {"limit_mb": 1}}}`, "processors", "limit_mb"},
	{`{"processors": {"memory_limiter": {"check_interval": "0s"}}}`, "processors::memory_limiter", "check_interval"},
	{`{"processors": {"batch": {"send_batch_sise": 1}}}`, "processors", "send_batch_sise"},
	{`{"processors": {"batch": {"send_batch_size": 2, "send_batch_max_size": 1}}}`, "processors::batch", "send_batch_max_size"},
	{`{"processors": {"attributes": {"action": []}}}`, "processors", "action"},
	{`{"processors": {"redaction": {"alow_all_keys": true}}}`, "processors", "alow_all_keys"},
	{`{"processors": {"tail_sampling": {"polices": []}}}`, "processors", "polices"},
	{`{"exporters": {"clickhouse": {"endpont": "x"}}}`, "exporters", "endpont"},
	{`{"exporters": {"clickhouse": {"endpoint": "ftp://x"}}}`, "exporters::clickhouse::endpoint", ""},
	{`{"exporters": {"otlp_grpc": {"endpont": "x"}}}`, "exporters", "endpont"},
	{`{"exporters": {"otlp_grpc": {"endpoint": ""}}}`, "exporters::otlp_grpc", "endpoint"},
	{`{"exporters": {"otlp_http": {"endpont": "x"}}}`, "exporters::otlp_http::endpont", ""},
	{`{"exporters": {"otlp_http": {"timeout": "1s"}}}`, "exporters::otlp_http", "endpoint"},
	{`{"exporters": {"debug": {"verbosity": "loud"}}}`, "exporters", "verbosity"},
	{`{"extensions": {"health_check": {"endpont": "x"}}}`, "extensions", "endpont"},
	{`{"extensions": {"file_storage": {"directry": "x"}}}`, "extensions", "directry"},
	{`{"extensions": {"file_storage": {"directory": "/nowhere", "create_directory": false}}}`, "extensions::file_storage", "directory"},
	{`{"extensions": {"bearertokenauth": {"tokn": "x"}}}`, "extensions", "tokn"},
	{`{"extensions": {"bearertokenauth": {"scheme": "x"}}}`, "extensions::bearertokenauth", "token"},
	{`{"extensions": {"pprof": {"endpont": "x"}}}`, "extensions", "endpont"},
	{`{"extensions": {"zpages": {"endpont": "x"}}}`, "extensions::zpages::endpont", ""},
	{`{"exporters": {"clickhose": {}}}`, "exporters", "clickhose"},
	{`{"service": {"pipelines": {"traces": {"exporters": ["tempo"]}}}}`, "service::pipelines::traces", `"tempo"`},
	{`{"service": {"extensions": ["zpages"]}}`, "service::extensions", "zpages"},
	{`{"service": {"pipelins": {}}}`, "service", "pipelins"},
}

// Each mistake is named with the path of its key, or of the section and the key.
func TestMistakesNameTheKey(t *testing.T) {
	for _, m := range mistakes {
		t.Run(m.overlay, func(t *testing.T) {
			err := newCollector(t, "yaml:"+collector.DefaultConfig, "yaml:"+m.overlay).Validate(t.Context())
			require.ErrorContains(t, err, m.want)
			require.ErrorContains(t, err, m.key)
		})
	}
}
