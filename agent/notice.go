package agent

import (
	"context"
	"strings"

	"github.com/steptrace/steptrace/agent/sampling"
	"github.com/steptrace/steptrace/agent/stepfunctions"
)

// Notice is what an event says of an execution. Done is called once: with true when the checkpoint has it, so that it
// need not be told again, with false when it has to be.
type Notice struct {
	Execution stepfunctions.Execution
	Done      func(handled bool)
}

// maxNotices bounds those that wait for a poll.
const maxNotices = 10_000

// Notify has the next poll take in the notice. It is false when too many wait already. Notify may be called at any
// time.
func (a *Agent) Notify(n Notice) bool {
	a.inbox.Lock()
	defer a.inbox.Unlock()
	if len(a.notices) >= maxNotices {
		return false
	}
	a.notices = append(a.notices, n)
	return true
}

func (a *Agent) takeNotices() []Notice {
	a.inbox.Lock()
	defer a.inbox.Unlock()
	taken := a.notices
	a.notices = nil
	return taken
}

// hear takes in the notices of executions that are to be followed, and returns those that are done with once the
// checkpoint is saved. One that cannot be judged for want of quota, say, is left for the next poll, and one whose state
// machine's tags cannot be read until it is told again: it is not to fill the inbox.
func (a *Agent) hear(ctx context.Context) (heard []Notice, err error) {
	for _, n := range a.takeNotices() {
		selected, known, failed := a.selects(ctx, n.Execution.StateMachine)
		if !known {
			if failed != nil {
				err = failed
			}
			if a.tagging(n.Execution.StateMachine).rest.failures > 0 || !a.Notify(n) {
				n.Done(false)
			}
			continue
		}
		if selected && !listedOnly(n.Execution) {
			a.note(n.Execution, false)
		}
		heard = append(heard, n)
	}
	return heard, err
}

// listedOnly is true for the children of Map Runs: which of them are followed, the listing decides, unless they failed.
func listedOnly(e stepfunctions.Execution) bool {
	return strings.Contains(e.StateMachine, "/") && !sampling.Failed(e.Status)
}
