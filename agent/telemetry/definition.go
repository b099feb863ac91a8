package telemetry

import (
	"log/slog"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// Definition is a revision of a state machine's definition.
type Definition struct {
	Execution convert.Execution // any of the state machine
	Text      string
	Revision  string // empty for the one that the state machine was created with
	Type      string // STANDARD, EXPRESS; empty: not known
	Since     time.Time
}

// AppendDefinition adds the log record that has the definition. It is of no execution, and so of no trace.
func AppendDefinition(logs plog.Logs, d *Definition, observed time.Time) {
	rl := logs.ResourceLogs().AppendEmpty()
	putAll(rl.Resource().Attributes(), convert.Resource(d.Execution))
	sl := rl.ScopeLogs().AppendEmpty()
	sl.Scope().SetName(scope)
	record := sl.LogRecords().AppendEmpty()
	record.SetEventName(semconv.StateMachineDefined)
	record.SetTimestamp(pcommon.NewTimestampFromTime(d.Since))
	record.SetObservedTimestamp(pcommon.NewTimestampFromTime(observed))
	record.SetSeverityNumber(severity(slog.LevelInfo))
	record.SetSeverityText(slog.LevelInfo.String())
	if d.Revision != "" {
		record.Attributes().PutStr(semconv.StateMachineRevision, d.Revision)
	}
	if d.Type != "" {
		record.Attributes().PutStr(semconv.StateMachineType, d.Type)
	}
	record.Body().SetStr(d.Text)
}
