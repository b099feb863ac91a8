package frame

import (
	"slices"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/steptrace/steptrace/store"
)

// StateSeries is a metric of states over time.
func StateSeries(name string, found store.StateStatistics, names Names, steps Steps) data.Frames {
	return stateMetrics[name].named(name).timeSeries(stateSamples(name, found, names), steps)
}

// StateNumbers is a metric of states in a range.
func StateNumbers(name string, found store.StateStatistics, names Names) data.Frames {
	return stateMetrics[name].named(name).numeric(stateSamples(name, found, names))
}

// stateMetric is a metric of states and its value.
type stateMetric struct {
	unit     string
	counts   bool
	attempts bool // only attempts tell
	value    func(store.StatePoint) float64
}

var stateMetrics = map[string]stateMetric{
	"visits":     {counts: true, value: func(p store.StatePoint) float64 { return float64(p.Visits) }},
	"failed":     {counts: true, value: func(p store.StatePoint) float64 { return float64(p.Failed + p.Caught) }},
	"error_rate": {unit: share, value: func(p store.StatePoint) float64 { return ratio(p.Failed+p.Caught, p.Visits) }},
	"p50":        {unit: milliseconds, value: func(p store.StatePoint) float64 { return p.P50 }},
	"p95":        {unit: milliseconds, value: func(p store.StatePoint) float64 { return p.P95 }},
	"p99":        {unit: milliseconds, value: func(p store.StatePoint) float64 { return p.P99 }},
	"wait":       {unit: seconds, attempts: true, value: func(p store.StatePoint) float64 { return p.Wait }},
	"wait_p95":   {unit: seconds, attempts: true, value: func(p store.StatePoint) float64 { return p.WaitP95 }},
	"retries":    {counts: true, attempts: true, value: func(p store.StatePoint) float64 { return float64(p.Retries) }},
	"backoff": {
		unit: seconds, counts: true, attempts: true, value: func(p store.StatePoint) float64 { return p.Backoff },
	},
}

func (s stateMetric) named(name string) metric {
	return metric{name: name, unit: s.unit, labels: []string{"state_machine", "state"}, shown: 2, counts: s.counts}
}

// knows reports whether a point has a value: without a visit that ended there is no quantile, without an attempt no
// waiting time, and over long ranges nothing of attempts.
func (s stateMetric) knows(p store.StatePoint, approximate bool) bool {
	switch {
	case s.attempts && approximate:
		return false
	case s.counts:
		return true
	case s.attempts:
		return p.Attempts > 0
	}
	return p.Visits > 0
}

func stateSamples(name string, found store.StateStatistics, names Names) []sample {
	of := stateMetrics[name]
	points := slices.DeleteFunc(slices.Clone(found.Points), func(p store.StatePoint) bool {
		return !of.knows(p, found.Approximate)
	})
	nameOf := labelled(points, names, func(p store.StatePoint) machine { return machineOf(p.StateMachineARN) })
	return samplesOf(points, func(p store.StatePoint) sample {
		return sample{p.Time, []string{nameOf(p), p.State}, of.value(p)}
	})
}

// NeedsAttempts reports whether only attempts tell a metric of states, which long ranges do not know.
func NeedsAttempts(metric string) bool { return stateMetrics[metric].attempts }
