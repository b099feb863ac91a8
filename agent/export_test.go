package agent

import (
	"time"

	"github.com/steptrace/steptrace/agent/convert"
)

// Waiting is an execution that waits to be read, for tests of the order.
type Waiting struct {
	Name, Machine, Status string
	Watched               bool
	Looked, Happened      time.Time
}

// Order is the names in the order in which they are read.
func Order(waiting []Waiting, now time.Time, interval time.Duration) []string {
	trackers := make([]*tracker, len(waiting))
	for i, w := range waiting {
		trackers[i] = &tracker{
			execution: convert.Execution{ARN: w.Name, StateMachineARN: w.Machine},
			status:    w.Status, watched: w.Watched, looked: w.Looked, happened: w.Happened,
		}
	}
	names := make([]string, 0, len(waiting))
	for _, t := range schedule(trackers, now, interval) {
		names = append(names, t.execution.ARN)
	}
	return names
}
