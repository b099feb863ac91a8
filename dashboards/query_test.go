package dashboards_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/dashboards/board"
	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// writeWorld stores something for every panel to show.
func (r *rig) writeWorld() {
	r.t.Helper()
	r.write(good, bad, running)
	r.mapped(run{
		machine: "batch", name: "b", ago: 5 * time.Minute, took: time.Minute, end: "ExecutionSucceeded", state: "Each",
	}, 3, 1)
	r.writeStuck("slow")
	r.write(newest)
	for _, e := range []run{good, bad, newest} {
		r.invoke(e, "store")
	}
	r.measureAll()
}

var (
	good = run{
		machine: "orders", name: "good", ago: 5 * time.Minute, took: time.Minute, end: "ExecutionSucceeded", state: "Fetch",
	}
	bad = run{
		machine: "orders", name: "bad", ago: 4 * time.Minute, took: time.Minute, end: "ExecutionFailed", state: "Store",
		failure: "Boom",
	}
	running = run{machine: "orders", name: "running", ago: 3 * time.Minute, state: "Fetch"}
	newest  = run{
		machine: "orders", name: "newest", ago: 10 * time.Second, took: time.Second, end: "ExecutionSucceeded",
		state: "Fetch",
	}
)

// writeStuck stores 20 executions of a second each, and one that has been running for a minute.
func (r *rig) writeStuck(machine string) {
	r.t.Helper()
	for n := range 20 {
		r.write(run{
			machine: machine, name: string(rune('a' + n)), ago: 2 * time.Hour, took: time.Second, end: "ExecutionSucceeded",
		})
	}
	r.write(run{machine: machine, name: "stuck", ago: time.Minute})
}

// measureAll stores every metric that a dashboard shows: counters grow by 30 in 15 s, gauges end at 7.
func (r *rig) measureAll() {
	r.t.Helper()
	for _, counter := range []string{
		semconv.MetricAPICalls, semconv.MetricAPIThrottles, semconv.MetricEvents, semconv.MetricFinished,
		semconv.MetricStoreRows, semconv.MetricStoreRefused, semconv.MetricQueueMessages, semconv.MetricQueueBad,
		semconv.MetricLogLines, semconv.MetricLogDuplicates,
		"otelcol_receiver_accepted_spans", "otelcol_receiver_accepted_log_records", "otelcol_receiver_refused_spans",
		"otelcol_receiver_refused_log_records", "otelcol_exporter_enqueue_failed_spans",
		"otelcol_exporter_send_failed_spans",
	} {
		r.measure(counter, true, nil, time.Minute, 100, 130, 160)
	}
	for _, gauge := range []string{
		semconv.MetricLag, semconv.MetricRunning, semconv.MetricBacklog, semconv.MetricOldestUnread,
		semconv.MetricStoreOldest,
		"otelcol_exporter_queue_size", "otelcol_exporter_queue_capacity", "otelcol_process_memory_rss",
	} {
		r.measure(gauge, false, nil, time.Minute, 1, 7)
	}
}

// none are the choices with which each dashboard begins.
var none = choice{
	"machine": nil, "state": nil, "error": nil, "service": nil, "operation": nil, "function": nil,
	"architecture": {"x86_64"}, "execution": {"latest"},
}

// some are choices with which each panel still shows something.
var some = choice{
	"machine": {"orders", "batch", "slow"}, "state": {"Fetch", "Store", "Each"}, "error": {"Boom", "Odd"},
	"service": {"DynamoDB"}, "operation": {"PutItem", "GetItem"}, "function": {"store"}, "architecture": {"arm64"},
	"execution": {bad.arn()},
}

// Each query of each panel is answered, with rows, whatever is chosen; and what columns panels link, hide and name are
// there.
func TestEveryQueryIsAnswered(t *testing.T) {
	r := newRig(t)
	r.writeWorld()
	asked := 0
	for uid, d := range readDashboards(t) {
		for name, c := range map[string]choice{"all": none, "some": some} {
			if uid == "steptrace-machine" { // one state machine is always chosen there
				c = choice{"machine": {"orders"}, "state": c["state"]}
			}
			for _, p := range panelsOf(d) {
				t.Run(uid+"/"+*p.Title+"/"+name, func(t *testing.T) {
					for _, target := range p.Targets {
						r.answered(t, p, target.(board.Query), c)
						asked++
					}
				})
			}
		}
	}
	require.Greater(t, asked, 100)
}

func (r *rig) answered(t *testing.T, p dashboard.Panel, q board.Query, c choice) {
	t.Helper()
	started := time.Now()
	answer := r.ask(r.interpolate(q, c), 6*time.Hour)
	t.Logf("%s %s: %s", q.Type, q.Metric, time.Since(started).Round(time.Millisecond))
	require.NoError(t, answer.Error)
	require.NotEmpty(t, answer.Frames)
	rows := 0
	columns := map[string]bool{}
	for _, f := range answer.Frames {
		rows += f.Rows()
		for _, field := range f.Fields {
			columns[field.Name] = true
		}
	}
	if !quiet[q.Metric] {
		require.Positive(t, rows, "it shows nothing")
	}
	if p.Type == "table" {
		checkColumns(t, p, columns)
	}
	if q.Format == "time_series" {
		require.True(t, hasTime(answer.Frames) || rows == 0)
	}
}

// quiet metrics have no row where nothing of the kind happened, as nothing did here.
var quiet = map[string]bool{"backoff": true, "retries": true, "wait_p95": true}

func hasTime(frames data.Frames) bool {
	for _, f := range frames {
		if len(f.Fields) == 0 || !f.Fields[0].Type().Time() {
			return false
		}
	}
	return true
}

var cells = regexp.MustCompile(`__data\.fields\["([^"]+)"\]`)

// checkColumns wants the columns that a table's settings name. Those of all tables (status and units) may be missing.
func checkColumns(t *testing.T, p dashboard.Panel, columns map[string]bool) {
	t.Helper()
	for _, o := range p.FieldConfig.Overrides {
		name, ok := o.Matcher.Options.(string)
		require.True(t, ok)
		if o.Matcher.Id == "byName" && name != "status" {
			require.True(t, columns[name], "no column %s in %v", name, columns)
		}
		text, err := json.Marshal(o.Properties)
		require.NoError(t, err)
		for _, m := range cells.FindAllStringSubmatch(strings.ReplaceAll(string(text), `\"`, `"`), -1) {
			require.True(t, columns[m[1]], "a link takes column %s, which is not there", m[1])
		}
	}
}

// Of calls and costs, a dashboard of one execution shows its own and no others, whatever the range.
func TestOneExecutionsCallsAndCost(t *testing.T) {
	r := newRig(t)
	r.write(good, bad, newest)
	r.invoke(good, "store")
	r.invoke(bad, "store")
	column := func(model map[string]any, name string) []any {
		model["refId"] = "A"
		answer := r.ask(model, time.Second)
		require.NoError(t, answer.Error)
		field, index := answer.Frames[0].FieldByName(name)
		require.GreaterOrEqual(t, index, 0)
		values := make([]any, field.Len())
		for n := range values {
			values[n] = field.At(n)
		}
		return values
	}
	calls := func(e run) map[string]any {
		return map[string]any{"queryType": "calls", "slowest": true, "execution": e.arn()}
	}
	require.Equal(t, []any{traceID(bad)}, column(calls(bad), "trace_id"))
	require.Empty(t, column(calls(newest), "trace_id"))
	cost := map[string]any{"queryType": "cost", "by": "execution", "execution": traceID(bad)}
	require.Equal(t, []any{bad.arn()}, column(cost, "execution_arn"))

	for field, model := range map[string]map[string]any{
		"slowest":      {"queryType": "calls", "execution": "latest"},
		"by execution": {"queryType": "cost", "by": "state", "execution": "latest"},
	} {
		model["refId"] = "A"
		require.ErrorContains(t, r.ask(model, time.Hour).Error, field)
	}
}

// traceID is 32 hex digits.
func traceID(of run) string { return spanid.Trace(of.arn()).String() }
