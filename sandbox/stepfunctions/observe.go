package stepfunctions

import (
	"github.com/steptrace/steptrace/sandbox/stepfunctions/interpreter"
)

// observer is told of every event of an execution's history as it is written: the one place from which what AWS tells
// others about an execution goes out, its status changes and its log lines. It runs within the history's lock, so that
// whoever hears of a change finds it in the history. The caller holds the service's lock.
func (s *Service) observer(x *execution) func(interpreter.Event) {
	lines := s.logLines(x)
	if isExpress(x.ARN) { // has no status changes
		if lines == nil {
			return nil
		}
		return lines.see
	}
	changes := &statusChanges{service: s, execution: x}
	return func(event interpreter.Event) {
		if lines != nil {
			lines.see(event)
		}
		changes.see(event)
	}
}
