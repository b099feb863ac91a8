package agent

import (
	"time"

	"github.com/steptrace/steptrace/agent/checkpoint"
	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/definition"
)

// tracker follows one execution.
type tracker struct {
	execution convert.Execution
	version   string // the state machine version's ARN, where it was started by that
	arnOnly   bool   // version and Map Run are not known
	watched   bool
	deferred  bool                   // sampling has not decided to keep it
	status    string                 // what was said of its end; empty while it runs
	accepted  int64                  // every event up to this id has been accepted
	converter *convert.Converter     // nil until the history has been begun
	defined   *definition.Definition // nil when not known
	prepared  bool                   // the definition has been looked for
	pending   []delivery             // converted, not yet accepted
	page      int                    // what the next look for new events asks for
	whole     bool                   // the last look has read all that there was, and the consumer took it
	looked    time.Time              // when it was last read, or found
	happened  time.Time              // when the last event read had happened
	rest      rest
}

func newTracker(arn string, e checkpoint.Execution, now time.Time) *tracker {
	return &tracker{
		execution: convert.Execution{ARN: arn, StateMachineARN: e.StateMachine, MapRunARN: e.MapRun, Started: e.Started},
		version:   e.Version, arnOnly: e.ARNOnly, deferred: e.Deferred, status: e.Status,
		accepted: e.LastEvent, page: minPage, looked: now,
	}
}

// learn takes in what was said of an execution that is followed already.
func (t *tracker) learn(e checkpoint.Execution) {
	t.status = e.Status
	if t.arnOnly && !e.ARNOnly {
		t.arnOnly, t.version, t.execution.MapRunARN, t.execution.Started = false, e.Version, e.MapRun, e.Started
	}
}

// Bounds of the page that a look for new events asks for: small while little happens, so that known events are not sent
// over and over, and larger when much did.
const (
	minPage = 100
	maxPage = 1000
)
