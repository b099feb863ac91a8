// Package query is what a query of the Grafana data source says. docs/grafana-data.md describes it.
package query

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// Type is what a query asks for.
type Type string

// The types.
const (
	Executions Type = "executions"
	Trace      Type = "trace"
	Workflow   Type = "workflow"
	States     Type = "states"
	Events     Type = "events"
	Failures   Type = "failures"
	Calls      Type = "calls"
	Functions  Type = "functions"
	MapRuns    Type = "map_runs"
	Cost       Type = "cost"
	Machines   Type = "machines"
	SQL        Type = "sql"
)

// Format is the form of the answer.
type Format string

// The formats.
const (
	Table      Format = "table"
	TimeSeries Format = "time_series"
	Numeric    Format = "numeric"
)

// Query is one query. Fields that its type does not have are empty.
type Query struct {
	Type          Type     `json:"queryType"`
	Format        Format   `json:"format"`
	Metric        string   `json:"metric"`
	Execution     string   `json:"execution"`
	StateMachines []string `json:"stateMachines"`
	States        []string `json:"states"`
	Statuses      []string `json:"statuses"`
	Errors        []string `json:"errors"`
	Name          string   `json:"name"`
	Text          string   `json:"text"`
	FailedState   string   `json:"failedState"`
	MinDuration   Duration `json:"minDuration"`
	MaxDuration   Duration `json:"maxDuration"`
	MapRun        string   `json:"mapRun"`
	Kind          string   `json:"kind"`
	Caught        bool     `json:"caught"`
	EventTypes    []string `json:"eventTypes"`
	State         string   `json:"state"`
	Aggregate     bool     `json:"aggregate"`
	Services      []string `json:"services"`
	Operations    []string `json:"operations"`
	Callers       []string `json:"callers"`
	Resource      string   `json:"resource"`
	FailedOnly    bool     `json:"failedOnly"`
	Slowest       bool     `json:"slowest"`
	By            string   `json:"by"`
	Architecture  string   `json:"architecture"`
	Step          Duration `json:"step"` // whole seconds, never 0 once decoded
	Limit         int      `json:"limit"`
	RawSQL        string   `json:"rawSql"`
	Live          bool     `json:"live"`
	Exemplars     bool     `json:"exemplars"`

	RefID string `json:"-"`

	// Unknown are the fields that mean nothing here and are not Grafana's own, in order.
	Unknown []string `json:"-"`

	// Since and Until are the range.
	Since time.Time `json:"-"`
	Until time.Time `json:"-"`
}

// ErrInvalid is returned for a query that cannot be answered as it is written.
var ErrInvalid = errors.New("invalid query")

// Decode reads a query as Grafana sends it. A field that means nothing does not fail it: Grafana adds fields of its own,
// a newer one perhaps others, and an alert rule has to go on.
func Decode(sent backend.DataQuery) (Query, error) {
	var q Query
	if err := json.Unmarshal(sent.JSON, &q); err != nil {
		if field := durationField(sent.JSON); field != "" {
			return Query{}, fmt.Errorf("%w: %s: %w", ErrInvalid, field, err)
		}
		return Query{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	q.RefID, q.Since, q.Until = sent.RefID, within(sent.TimeRange.From), within(sent.TimeRange.To)
	q.Unknown = unknown(sent.JSON)
	q.Type = cmp.Or(q.Type, Type(sent.QueryType))
	q.dropEmpty()
	if q.Step == 0 {
		q.Step = Duration(sent.Interval)
	}
	q.Step = max(Duration(time.Duration(q.Step).Truncate(time.Second)), Duration(time.Second))
	if q.Format == "" {
		q.Format = Table
	}
	return q, q.validate()
}
