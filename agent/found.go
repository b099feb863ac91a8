package agent

import (
	"slices"
	"strings"
	"time"

	"github.com/steptrace/steptrace/agent/checkpoint"
	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/stepfunctions"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// found is what events of one execution say of others.
type found struct {
	children []stepfunctions.Execution // nested executions
	mapRuns  []string                  // ARNs of Map Runs that have begun, or go on after a redrive
	ended    []string                  // ARNs of Map Runs that have ended
	at       time.Time
}

func (a *Agent) found(t *tracker, output convert.Output) found {
	f := found{at: a.parts.Clock.Now().UTC(), mapRuns: output.MapRuns}
	for _, arn := range output.Children {
		if e, ok := nested(arn, t.happened); ok {
			f.children = append(f.children, e)
		}
	}
	if f.ended = mapRunsIn(output.Spans); len(f.ended) > 0 {
		going := mapRunsIn(t.converter.Open(f.at)) // a redrive may have taken them up again
		f.ended = slices.DeleteFunc(f.ended, func(arn string) bool { return slices.Contains(going, arn) })
	}
	return f
}

func mapRunsIn(spans []convert.Span) (arns []string) {
	for i := range spans {
		if arn := mapRunOf(&spans[i]); arn != "" {
			arns = append(arns, arn)
		}
	}
	return arns
}

// nested is what an execution's ARN says of it: arn:PARTITION:states:REGION:ACCOUNT:execution:MACHINE:NAME. Express
// executions (…:express:…) cannot be read.
func nested(arn string, started time.Time) (stepfunctions.Execution, bool) {
	parts := strings.Split(arn, ":")
	if len(parts) != 8 || parts[5] != "execution" {
		return stepfunctions.Execution{}, false // nothing that can be read
	}
	parts[5] = "stateMachine"
	machine := strings.Join(parts[:7], ":")
	return stepfunctions.Execution{ARN: arn, StateMachine: machine, Started: started, ARNOnly: true}, true
}

// isExpress is true for the ARN of an Express execution: arn:PARTITION:states:REGION:ACCOUNT:express:….
func isExpress(arn string) bool {
	parts := strings.SplitN(arn, ":", 7)
	return len(parts) == 7 && parts[5] == "express"
}

func mapRunOf(s *convert.Span) string {
	if s.Kind != semconv.KindMapRun {
		return ""
	}
	for _, attr := range s.Attributes {
		if attr.Key == semconv.MapRunARN {
			return attr.Value.AsString()
		}
	}
	return ""
}

// adopt follows the others too. The caller holds the lock.
func (a *Agent) adopt(f found) {
	for _, child := range f.children {
		a.noteLocked(child, true)
	}
	for _, arn := range f.mapRuns {
		run := a.state.MapRuns[arn]
		a.state.MapRuns[arn] = checkpoint.MapRun{Children: run.Children}
	}
	for _, arn := range f.ended {
		if run, ok := a.state.MapRuns[arn]; ok {
			run.Ended = f.at
			a.state.MapRuns[arn] = run
		}
	}
}
