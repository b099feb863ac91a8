package dashboards_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/spanid/semconv"
)

// firing are the instances that fire, each with its summary rendered.
func (r *rig) firing(t *testing.T, uid string) map[string]instance {
	t.Helper()
	rule, ok := readRules(t)[uid]
	require.True(t, ok, uid)
	found := map[string]instance{}
	for _, i := range r.evaluate(t, rule) {
		if i.firing {
			for _, text := range rule.Annotations {
				require.NotEmpty(t, render(t, text, i))
			}
			found[render(t, rule.Annotations["summary"], i)] = i
		}
	}
	return found
}

// requireFiring wants these summaries of a rule and no others.
func (r *rig) requireFiring(t *testing.T, uid string, summaries ...string) map[string]instance {
	t.Helper()
	found := r.firing(t, uid)
	got := []string{}
	for summary := range found {
		got = append(got, summary)
	}
	require.ElementsMatch(t, summaries, got, uid)
	return found
}

func annotation(t *testing.T, uid, name string, i instance) string {
	t.Helper()
	return render(t, readRules(t)[uid].Annotations[name], i)
}

// Nothing is wrong: no rule fires, and only that of the silent agent takes an empty store for an alert.
func TestNoRuleFiresWithoutReason(t *testing.T) {
	r := newRig(t)
	for uid, rule := range readRules(t) {
		require.Empty(t, r.evaluate(t, rule), uid)
		require.Equal(t, uid == "steptrace-no-data", rule.NoData == "Alerting", uid)
	}
	r.write(good, running, newest)
	r.mapped(run{
		machine: "batch", name: "b", ago: 5 * time.Minute, took: time.Minute, end: "ExecutionSucceeded", state: "Each",
	}, 3, 0)
	r.measureHealthy()
	for uid := range readRules(t) {
		r.requireFiring(t, uid)
	}
}

// measureHealthy stores what a Collector with an agent says of itself that has nothing to complain of.
func (r *rig) measureHealthy() {
	r.t.Helper()
	where := map[string]any{"cloud.region": "eu-west-1", "rpc.method": "GetExecutionHistory"}
	r.measure(semconv.MetricAPICalls, true, where, 15*time.Second, 0, 100, 200)
	r.measure(semconv.MetricAPIThrottles, true, where, 15*time.Second, 0, 0, 1)
	r.measure(semconv.MetricLag, false, map[string]any{"cloud.region": "eu-west-1"}, 15*time.Second, 90, 2)
	r.measure(semconv.MetricRunning, false, map[string]any{"cloud.region": "eu-west-1"}, 15*time.Second, 3, 4)
	r.measure("otelcol_exporter_queue_size", false, map[string]any{"exporter": "clickhouse"}, 15*time.Second, 10)
	r.measure("otelcol_exporter_queue_capacity", false, map[string]any{"exporter": "clickhouse"}, 15*time.Second, 100)
}

func TestAFailedExecutionIsNamedAndLinked(t *testing.T) {
	r := newRig(t)
	r.write(good, bad)
	found := r.requireFiring(t, "steptrace-failed-execution", "orders: an execution failed with Boom")
	i := found["orders: an execution failed with Boom"]
	require.Equal(t, bad.arn(), i.labels["execution_arn"])
	link, err := url.Parse(annotation(t, "steptrace-failed-execution", "execution", i))
	require.NoError(t, err)
	require.Equal(t, "https://grafana.example/sub/a/steptrace-app/execution", link.Scheme+"://"+link.Host+link.Path)
	require.Equal(t, bad.arn(), link.Query().Get("execution"))

	r.requireFiring(t, "steptrace-failed-state", "orders: state Store failed with Boom")
	r.requireFiring(t, "steptrace-redrive-needed",
		"orders: executions of the last day wait for a redrive, 1 in all")
	r.requireFiring(t, "steptrace-timed-out")
	r.requireFiring(t, "steptrace-error-burn-fast")
}

// What failed longer ago than the rule looks back has been told.
func TestAnOldFailureNoLongerFires(t *testing.T) {
	r := newRig(t)
	old := bad
	old.ago = 20 * time.Minute
	r.write(old)
	r.requireFiring(t, "steptrace-failed-execution")
	r.requireFiring(t, "steptrace-failed-state")
}

func TestTimedOutAndAborted(t *testing.T) {
	r := newRig(t)
	for n, end := range []string{"ExecutionTimedOut", "ExecutionAborted", "ExecutionAborted"} {
		r.write(run{machine: "orders", name: fmt.Sprint(n), ago: 2 * time.Minute, took: time.Second, end: end})
	}
	r.requireFiring(t, "steptrace-timed-out",
		"orders: executions ended as TIMED_OUT, 1 in 10 minutes",
		"orders: executions ended as ABORTED, 2 in 10 minutes")
}

// The fast rule wants five failures and a rate that lasts; what was
// over an hour ago it does not see, the slow one does.
func TestErrorRateBurn(t *testing.T) {
	r := newRig(t)
	writeMany := func(machine string, ago time.Duration, failed, succeeded int) {
		for n := range failed + succeeded {
			e := run{machine: machine, name: fmt.Sprint(ago, n), ago: ago, took: time.Second, end: "ExecutionSucceeded"}
			if n < failed {
				e.end, e.failure = "ExecutionFailed", "Boom"
			}
			r.write(e)
		}
	}
	writeMany("burning", 2*time.Minute, 5, 5)
	writeMany("few", 2*time.Minute, 4, 0)
	writeMany("recovered", 40*time.Minute, 9, 0)
	writeMany("recovered", 2*time.Minute, 0, 9)
	writeMany("rare", 2*time.Minute, 6, 94)
	writeMany("smouldering", 3*time.Hour, 4, 20)
	writeMany("smouldering", 20*time.Minute, 4, 20)
	const fast, slow = " of its executions fail (1 hour, and still)", " of its executions fail (6 hours, and still)"
	r.requireFiring(t, "steptrace-error-burn-fast", "burning: 50%"+fast)
	r.requireFiring(t, "steptrace-error-burn-slow", "burning: 50%"+slow, "smouldering: 16.67%"+slow)
}

func TestAStuckExecutionIsNamed(t *testing.T) {
	r := newRig(t)
	r.writeStuck("slow")
	found := r.firing(t, "steptrace-stuck")
	require.Len(t, found, 1)
	for summary, i := range found {
		require.Regexp(t, `^slow: an execution has been running for 6\d times the 99th percentile$`, summary)
		require.Equal(t, prefix+"execution:slow:stuck", i.labels["execution_arn"])
		require.True(t, strings.HasPrefix(annotation(t, "steptrace-stuck", "execution", i),
			"https://grafana.example/sub/a/"))
	}
}

func TestMapRuns(t *testing.T) {
	r := newRig(t)
	failing := run{
		machine: "batch", name: "b", ago: 5 * time.Minute, took: time.Minute, end: "ExecutionFailed", state: "Each",
		failure: "States.ExceedToleratedFailureThreshold",
	}
	r.mapped(failing, 3, 1)
	tolerant := good
	tolerant.state = "Each"
	r.mapped(tolerant, 30, 1)
	r.requireFiring(t, "steptrace-map-run-failing", "batch: 25% of the children of Each failed")
	r.requireFiring(t, "steptrace-map-run-exceeded",
		"batch: Map Run of Each failed, more children failed than it tolerates")
}

func TestTheAgentsTroubles(t *testing.T) {
	r := newRig(t)
	where := map[string]any{"cloud.region": "eu-west-1", "rpc.method": "GetExecutionHistory"}
	r.measure(semconv.MetricAPICalls, true, where, 15*time.Second, 0, 100, 200)
	r.measure(semconv.MetricAPIThrottles, true, where, 15*time.Second, 0, 20, 50)
	r.measure(semconv.MetricLag, false, map[string]any{"cloud.region": "eu-west-1"}, 15*time.Second, 2, 90)
	r.measure(semconv.MetricRunning, false, map[string]any{"cloud.region": "eu-west-1"}, 400*time.Second, 4)
	r.measure(semconv.MetricRunning, false, map[string]any{"cloud.region": "us-east-1"}, 15*time.Second, 4)
	r.measure("otelcol_exporter_queue_size", false, map[string]any{"exporter": "clickhouse"}, 15*time.Second, 10, 95)
	r.measure("otelcol_exporter_queue_capacity", false, map[string]any{"exporter": "clickhouse"}, 15*time.Second, 100)
	r.requireFiring(t, "steptrace-throttled", "eu-west-1: AWS throttles 25% of the agent's GetExecutionHistory calls")
	r.requireFiring(t, "steptrace-lag", "eu-west-1: the agent is 90 s behind")
	r.requireFiring(t, "steptrace-no-data", "eu-west-1: nothing has come from the agent")
	r.requireFiring(t, "steptrace-queue", "The queue of clickhouse is 95% full")
}
