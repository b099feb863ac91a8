package query

import (
	"fmt"
	"slices"
	"strings"
)

// metrics are what a type and format can tell, the default first.
var metrics = map[Type]map[Format][]string{
	Executions: {
		TimeSeries: {"count", "ended", "error_rate", "p50", "p95", "p99"},
		Numeric:    {"count", "ended", "error_rate", "p50", "p95", "p99", "running", "stuck", "redrivable"},
	},
	States: {
		TimeSeries: {"visits", "failed", "error_rate", "p50", "p95", "p99", "wait", "wait_p95", "retries", "backoff"},
		Numeric:    {"visits", "failed", "error_rate", "p50", "p95", "p99", "wait", "wait_p95", "retries", "backoff"},
	},
	Failures: {TimeSeries: {"count", "executions"}, Numeric: {"count", "executions", "each"}},
	Calls: {
		TimeSeries: {"calls", "errors", "error_rate", "throttled", "retries", "p50", "p95", "p99"},
		Numeric:    {"calls", "errors", "error_rate", "throttled", "retries", "p50", "p95", "p99"},
	},
	MapRuns: {Numeric: {"failed_share", "failed"}},
	Cost:    {TimeSeries: {"total", "step_functions", "lambda"}, Numeric: {"total", "step_functions", "lambda"}},
	SQL:     {TimeSeries: {""}, Numeric: {""}},
}

var types = []Type{
	Executions, Trace, Workflow, States, Events, Failures, Calls, Functions, MapRuns, Cost, Machines, SQL,
}

// validate checks type, format and metric, and fills in the default metric. What the fields hold is checked where they
// are used.
func (q *Query) validate() error {
	if !slices.Contains(types, q.Type) {
		return fmt.Errorf("%w: queryType %.100q is not one of %s", ErrInvalid, q.Type, join(types))
	}
	if err := q.validateFields(); err != nil {
		return err
	}
	if q.Format == Table {
		return nil
	}
	known, ok := metrics[q.Type][q.Format]
	if !ok {
		return fmt.Errorf("%w: format %.100q is none that %s have", ErrInvalid, q.Format, q.Type)
	}
	if q.Metric == "" {
		q.Metric = known[0]
	}
	if !slices.Contains(known, q.Metric) {
		return fmt.Errorf("%w: metric %.100q is not one of %s", ErrInvalid, q.Metric, strings.Join(known, ", "))
	}
	return nil
}

func join(types []Type) string {
	names := make([]string, 0, len(types))
	for _, t := range types {
		names = append(names, string(t))
	}
	return strings.Join(names, ", ")
}
