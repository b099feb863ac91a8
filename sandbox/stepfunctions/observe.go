package stepfunctions

import (
	"github.com/steptrace/steptrace/sandbox/stepfunctions/interpreter"
)

// observer is told of every event of an execution's history as it is written: the one place from which what AWS tells
// others about an execution goes out. It runs within the history's lock, so that whoever hears of a change finds it in
// the history.
func (s *Service) observer(x *execution) func(interpreter.Event) {
	changes := statusChanges{service: s, execution: x}
	return changes.see
}
