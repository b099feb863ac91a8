package stack

import (
	"encoding/json"
	"path/filepath"
)

// Short, because the sandbox has no quotas and people watch.
const (
	livePoll    = "500ms"
	liveFlush   = "200ms"
	liveMetrics = "5s"
)

// overlayOf is what the stack changes in the Collector's default configuration, as JSON (which is YAML).
func overlayOf(storeURL, awsURL string, cfg Config) string {
	type object = map[string]any
	exporter := object{
		"endpoint":      storeURL,
		"sending_queue": object{"batch": object{"flush_timeout": liveFlush}},
	}
	doc := object{
		"receivers": object{
			"otlp": object{"protocols": object{
				"http": object{"endpoint": cfg.Listen.OTLPHTTP},
				"grpc": object{"endpoint": cfg.Listen.OTLPGRPC},
			}},
			"stepfunctions": object{
				"region":        region,
				"endpoint":      awsURL,
				"unsigned":      true,
				"quota_share":   1,
				"checkpoint":    filepath.Join(cfg.DataDir, "agent", "checkpoint.json"),
				"poll_interval": livePoll, "discovery_interval": livePoll,
			},
			"own_metrics": object{"collection_interval": liveMetrics},
		},
		"exporters": object{"clickhouse": exporter, "clickhouse/own": exporter},
		"extensions": object{
			"health_check": object{"endpoint": cfg.Listen.Health},
			"file_storage": object{"directory": filepath.Join(cfg.DataDir, "queue")},
		},
		"service": object{"telemetry": object{"logs": object{
			"level": "info", "output_paths": []string{cfg.CollectorLogs}, "error_output_paths": []string{cfg.CollectorLogs},
		}}},
	}
	text, _ := json.Marshal(doc) // maps of strings always marshal
	return string(text)
}
