package frame

import (
	"encoding/json"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/steptrace/steptrace/store"
)

// workflowMeta is what a workflow frame tells besides its states.
type workflowMeta struct {
	Mode            string           `json:"mode"`       // execution, aggregate
	Definition      json.RawMessage  `json:"definition"` // null when it is not known
	RevisionID      string           `json:"revisionId"`
	StateMachineARN string           `json:"stateMachineArn"`
	Execution       *store.Execution `json:"execution"`
	Approximate     bool             `json:"approximate"`
	Truncated       bool             `json:"truncated"`
}

// Workflow is what became of a definition's states in one execution.
func Workflow(w store.Workflow) *data.Frame {
	frame := data.NewFrame("workflow",
		data.NewField("state", nil, []string{}), data.NewField("type", nil, []string{}),
		data.NewField("status", nil, []string{}), data.NewField("visits", nil, []int64{}),
		data.NewField("running", nil, []int64{}), data.NewField("succeeded", nil, []int64{}),
		data.NewField("caught", nil, []int64{}), data.NewField("failed", nil, []int64{}),
		data.NewField("aborted", nil, []int64{}), data.NewField("attempts", nil, []int64{}),
		data.NewField("retries", nil, []int64{}), inUnit("duration_ms", milliseconds, []float64{}),
		data.NewField("error", nil, []string{}), data.NewField("message", nil, []string{}),
		data.NewField("first_start", nil, []*time.Time{}), data.NewField("last_end", nil, []*time.Time{}),
	)
	for _, s := range w.States {
		frame.AppendRow(s.Name, s.Type, s.Status, int64(s.Visits), int64(s.Running), int64(s.Succeeded), int64(s.Caught),
			int64(s.Failed), int64(s.Aborted), int64(s.Attempts), int64(s.Retries), s.Duration, s.Error, s.Message,
			timeOrNull(s.FirstStart), timeOrNull(s.LastEnd))
	}
	meta := metaOf("execution", w.Revision)
	meta.Execution, meta.Truncated = &w.Execution, w.Truncated
	if meta.StateMachineARN == "" {
		meta.StateMachineARN = w.Execution.StateMachineARN
	}
	frame.Meta = &data.FrameMeta{Custom: meta}
	return frame
}

// Aggregate is what became of a definition's states in many executions of the state machine.
func Aggregate(machine string, w store.AggregateWorkflow) *data.Frame {
	frame := data.NewFrame("workflow",
		data.NewField("state", nil, []string{}), data.NewField("visits", nil, []int64{}),
		data.NewField("succeeded", nil, []int64{}), data.NewField("caught", nil, []int64{}),
		data.NewField("failed", nil, []int64{}), data.NewField("aborted", nil, []int64{}),
		data.NewField("attempts", nil, []int64{}), data.NewField("retries", nil, []int64{}),
		inUnit("p50_ms", milliseconds, []float64{}), inUnit("p95_ms", milliseconds, []float64{}), inUnit("p99_ms", milliseconds, []float64{}),
		inUnit("wait_s", seconds, []float64{}), data.NewField("errors", nil, []json.RawMessage{}),
	)
	for _, s := range w.States {
		frame.AppendRow(s.Name, int64(s.Visits), int64(s.Succeeded), int64(s.Caught), int64(s.Failed), int64(s.Aborted),
			int64(s.Attempts), int64(s.Retries), s.P50, s.P95, s.P99, s.Wait, errorsOf(s))
	}
	meta := metaOf("aggregate", w.Revision)
	meta.StateMachineARN, meta.Approximate = machine, w.Approximate
	frame.Meta = &data.FrameMeta{Custom: meta}
	return frame
}

func metaOf(mode string, r *store.Revision) workflowMeta {
	if r == nil {
		return workflowMeta{Mode: mode}
	}
	return workflowMeta{Mode: mode, Definition: r.Definition, RevisionID: r.RevisionID, StateMachineARN: r.StateMachineARN}
}

func errorsOf(s store.AggregateState) json.RawMessage {
	if s.Errors == nil {
		return json.RawMessage("{}")
	}
	return asJSON(s.Errors)
}

func inUnit[T any](name, unit string, values []T) *data.Field {
	return data.NewField(name, nil, values).SetConfig(&data.FieldConfig{Unit: unit})
}
