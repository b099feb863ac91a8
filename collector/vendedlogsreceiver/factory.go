// Package vendedlogsreceiver is a Collector receiver that makes traces of the log lines that AWS Step Functions writes
// to CloudWatch Logs (package agent/vendedlogs), which are all there is of Express workflows.
package vendedlogsreceiver

import (
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/receiver"

	"github.com/steptrace/steptrace/collector/sharedreceiver"
)

// NewFactory makes the factory of the component type "awsvendedlogs".
func NewFactory() receiver.Factory {
	return sharedreceiver.NewFactory("awsvendedlogs", defaultConfig,
		func(telemetry component.TelemetrySettings, cfg *Config, next *sharedreceiver.Consumers) component.Component {
			return &reader{cfg: cfg, telemetry: telemetry, next: next}
		})
}
