// Package sharedreceivertest prepares receivers of history events for the Collector's contract checker.
package sharedreceivertest

import (
	"context"
	"fmt"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/receivertest"

	"github.com/steptrace/steptrace/spanid/semconv"
)

// UniqueID is what the checker tells the record of an execution's event by.
func UniqueID(executionARN string, event int64) receivertest.UniqueIDAttrVal {
	return receivertest.UniqueIDAttrVal(fmt.Sprintf("%s/%d", executionARN, event))
}

// Stamping gives each record of the factory's receivers its unique ID.
func Stamping(f receiver.Factory) receiver.Factory {
	create := func(
		ctx context.Context, set receiver.Settings, cfg component.Config, next consumer.Logs,
	) (receiver.Logs, error) {
		stamped, err := consumer.NewLogs(func(ctx context.Context, logs plog.Logs) error {
			stamp(logs)
			return next.ConsumeLogs(ctx, logs)
		})
		if err != nil {
			return nil, err
		}
		return f.CreateLogs(ctx, set, cfg, stamped)
	}
	return receiver.NewFactory(f.Type(), f.CreateDefaultConfig, receiver.WithLogs(create, f.LogsStability()))
}

func stamp(logs plog.Logs) {
	for _, rl := range logs.ResourceLogs().All() {
		for _, sl := range rl.ScopeLogs().All() {
			for _, r := range sl.LogRecords().All() {
				execution, _ := r.Attributes().Get(semconv.ExecutionARN)
				event, _ := r.Attributes().Get(semconv.EventID)
				r.Attributes().PutStr(receivertest.UniqueIDAttrName, string(UniqueID(execution.Str(), event.Int())))
			}
		}
	}
}
