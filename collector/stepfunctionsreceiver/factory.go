// Package stepfunctionsreceiver is a Collector receiver that follows AWS Step Functions executions (package agent): log
// records of history events at once, spans of what has ended.
package stepfunctionsreceiver

import (
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/receiver"

	"github.com/steptrace/steptrace/collector/sharedreceiver"
)

// NewFactory makes the factory of the component type "stepfunctions".
func NewFactory() receiver.Factory {
	return sharedreceiver.NewFactory("stepfunctions", defaultConfig,
		func(telemetry component.TelemetrySettings, cfg *Config, next *sharedreceiver.Consumers) component.Component {
			return &follower{cfg: cfg, telemetry: telemetry, next: next}
		})
}
