package conversion

import (
	"time"

	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/steptrace/steptrace/agent/telemetry"
)

// Traces is the spans of the executions as OTLP data.
func Traces(executions []Execution) ptrace.Traces {
	traces := ptrace.NewTraces()
	for i := range executions {
		telemetry.AppendTraces(traces, executions[i].Execution, executions[i].Spans)
	}
	return traces
}

// Logs is the log records of the executions as OTLP data. Nobody has observed them when they happened, so the observed
// time is unset.
func Logs(executions []Execution) plog.Logs {
	logs := plog.NewLogs()
	for i := range executions {
		telemetry.AppendLogs(logs, executions[i].Execution, executions[i].Records, time.Unix(0, 0))
	}
	return logs
}

// TracesJSON is one OTLP/JSON document, the body of POST /v1/traces.
func TracesJSON(executions []Execution) ([]byte, error) {
	return (&ptrace.JSONMarshaler{}).MarshalTraces(Traces(executions))
}

// LogsJSON is one OTLP/JSON document, the body of POST /v1/logs.
func LogsJSON(executions []Execution) ([]byte, error) {
	return (&plog.JSONMarshaler{}).MarshalLogs(Logs(executions))
}
