package frame

import (
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/steptrace/steptrace/store"
)

// ExecutionSeries is a metric of executions over time.
func ExecutionSeries(metric string, points []store.ExecutionPoint, names Names, steps Steps) data.Frames {
	return executionMetric(metric).timeSeries(executionSamples(metric, points, names), steps)
}

// ExecutionNumbers is a metric of executions in a range.
func ExecutionNumbers(metric string, points []store.ExecutionPoint, names Names) data.Frames {
	return executionMetric(metric).numeric(executionSamples(metric, points, names))
}

func executionMetric(name string) metric {
	m := metric{name: name, labels: []string{"state_machine"}, shown: 1}
	switch name {
	case "count", "ended":
		m.labels, m.shown, m.counts = append(m.labels, "status"), 2, true
	case "error_rate":
		m.unit = share
	default:
		m.unit = milliseconds
	}
	return m
}

func executionSamples(metric string, points []store.ExecutionPoint, names Names) []sample {
	nameOf := labelled(points, names, func(p store.ExecutionPoint) machine {
		return machine{p.StateMachineARN, p.StateMachine}
	})
	var samples []sample
	for _, p := range points {
		if metric == "count" || metric == "ended" {
			samples = append(samples, byStatus(p, nameOf(p))...)
		} else if p.HasEnded() > 0 {
			samples = append(samples, sample{p.Time, []string{nameOf(p)}, executionValue(metric, p)})
		}
	}
	return samples
}

// byStatus is a sample for each status that there is.
func byStatus(p store.ExecutionPoint, machine string) []sample {
	var samples []sample
	for _, c := range []struct {
		status string
		count  uint64
	}{
		{"RUNNING", p.Running},
		{"SUCCEEDED", p.Succeeded},
		{"FAILED", p.Failed},
		{"TIMED_OUT", p.TimedOut},
		{"ABORTED", p.Aborted},
	} {
		if c.count > 0 {
			samples = append(samples, sample{p.Time, []string{machine, c.status}, float64(c.count)})
		}
	}
	return samples
}

func executionValue(metric string, p store.ExecutionPoint) float64 {
	switch metric {
	case "p50":
		return p.P50
	case "p95":
		return p.P95
	case "p99":
		return p.P99
	}
	return ratio(p.Failed+p.TimedOut, p.HasEnded())
}

// Running is how many executions run now.
func Running(found []store.RunningCount, names Names) data.Frames {
	m := metric{name: "running", labels: []string{"state_machine"}, shown: 1}
	nameOf := labelled(found, names, func(c store.RunningCount) machine {
		return machine{c.StateMachineARN, c.StateMachine}
	})
	return m.numeric(samplesOf(found, func(c store.RunningCount) sample {
		return sample{labels: []string{nameOf(c)}, value: float64(c.Running)}
	}))
}

// Redrivable is how many executions can be redriven.
func Redrivable(found []store.RedrivableCount, names Names) data.Frames {
	m := metric{name: "redrivable", labels: []string{"state_machine"}, shown: 1}
	nameOf := labelled(found, names, func(c store.RedrivableCount) machine {
		return machine{c.StateMachineARN, c.StateMachine}
	})
	return m.numeric(samplesOf(found, func(c store.RedrivableCount) sample {
		return sample{labels: []string{nameOf(c)}, value: float64(c.Executions)}
	}))
}

// Stuck is how many times as long as usual executions have been running.
func Stuck(found []store.StuckExecution, names Names) data.Frames {
	m := metric{name: "stuck", labels: []string{"state_machine", "execution_arn", "execution_url"}, shown: 1}
	nameOf := labelled(found, names, func(s store.StuckExecution) machine {
		return machine{s.StateMachineARN, s.StateMachine}
	})
	return m.numeric(samplesOf(found, func(s store.StuckExecution) sample {
		return sample{labels: []string{nameOf(s), s.ExecutionARN, executionURL(s.ExecutionARN)}, value: s.Times}
	}))
}
