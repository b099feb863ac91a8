// Package query is what a query of the Grafana data source says. docs/grafana-data.md describes it.
package query

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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

	// What Grafana adds itself.
	RefID         string          `json:"refId"`
	Hide          bool            `json:"hide"`
	Datasource    json.RawMessage `json:"datasource"`
	DatasourceID  int64           `json:"datasourceId"`
	Key           string          `json:"key"`
	IntervalMS    float64         `json:"intervalMs"`
	MaxDataPoints int64           `json:"maxDataPoints"`

	// Since and Until are the range.
	Since time.Time `json:"-"`
	Until time.Time `json:"-"`
}

// ErrInvalid is returned for a query that cannot be answered as it is written.
var ErrInvalid = errors.New("invalid query")

// Decode reads a query as Grafana sends it.
func Decode(sent backend.DataQuery) (Query, error) {
	q := Query{Since: sent.TimeRange.From, Until: sent.TimeRange.To}
	d := json.NewDecoder(bytes.NewReader(sent.JSON))
	d.DisallowUnknownFields()
	if err := d.Decode(&q); err != nil {
		if field := durationField(sent.JSON); field != "" {
			return Query{}, fmt.Errorf("%w: %s: %w", ErrInvalid, field, err)
		}
		return Query{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Query{}, fmt.Errorf("%w: more than one JSON value", ErrInvalid)
	}
	q.RefID = sent.RefID
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
