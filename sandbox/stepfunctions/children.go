package stepfunctions

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/asl"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/interpreter"
)

// beginChild begins a child execution of a Map Run and makes it known. Express children can be listed and described but
// have no history to be read.
func (s *Service) beginChild(x *interpreter.Execution) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.mapRuns[x.MapRun.ARN]
	s.sequence++
	child := &execution{Execution: x, sequence: s.sequence, machine: m.machine, revision: m.revision}
	x.Observe = s.observer(child)
	s.interpreter.Begin(x)
	known := s.executions
	if x.Express() {
		known = s.express
	}
	if old, ok := known[x.ARN]; ok { // starts again
		child.sequence = old.sequence
		m.children[slices.Index(m.children, old)] = child
	} else {
		m.children = append(m.children, child)
	}
	known[x.ARN] = child
}

// ofProcessor is the revision that the children of a Map Run are executions of: its definition is the item processor
// without its ProcessorConfig, but with the query language that it inherits.
func (r *revision) ofProcessor(processor *asl.StateMachine) *revision {
	child, source := *r, jsonvalue.NewObject()
	processor.Source.Range(func(name string, value jsonvalue.Value) bool {
		if name != "ProcessorConfig" {
			source.Set(name, value)
		}
		return true
	})
	if processor.QueryLanguage == asl.JSONata {
		source.Set("QueryLanguage", string(asl.JSONata))
	}
	child.text, child.definition = jsonvalue.Text(source), processor
	return &child
}

// mapRunsOf are the Map Runs of an execution, the newest first.
func (s *Service) mapRunsOf(executionARN string) []*mapRun {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var runs []*mapRun
	for _, m := range s.mapRuns {
		if m.Parent.ARN == executionARN {
			runs = append(runs, m)
		}
	}
	slices.SortFunc(runs, func(a, b *mapRun) int { return cmp.Compare(b.sequence, a.sequence) })
	return runs
}

// checkListed tells whether what ListExecutions is about exists. The caller holds the lock.
func (s *Service) checkListed(in listExecutionsInput) error {
	if in.MapRunARN == "" {
		m, _, err := s.machine(in.StateMachineARN)
		if err == nil && m.kind == express {
			err = typeNotSupported()
		}
		return err
	}
	if err := checkARN(in.MapRunARN, "mapRun"); err != nil {
		return err
	}
	_, err := s.knownMapRun(in.MapRunARN)
	return err
}

// listed are the executions that the listing is about, in no order. The caller holds the lock.
func (s *Service) listed(in listExecutionsInput) iter.Seq[*execution] {
	if in.MapRunARN != "" {
		return slices.Values(s.mapRuns[in.MapRunARN].children)
	}
	return func(yield func(*execution) bool) {
		for _, x := range s.executions {
			ofMachine := in.StateMachineARN == x.StateMachineARN || in.StateMachineARN == x.StateMachineVersionARN
			if ofMachine && !yield(x) {
				return
			}
		}
	}
}

// describable finds an execution for the operations that know the Express children of Map Runs too.
func (s *Service) describable(arn string) (*execution, error) {
	s.mu.RLock()
	x, ok := s.express[arn]
	s.mu.RUnlock()
	if ok {
		return x, nil
	}
	return s.execution(arn)
}

// describeChild adds what is said of the child executions of Map Runs.
func (x *execution) describeChild(out *describeExecutionOutput) {
	if x.MapRun == nil {
		return
	}
	out.MapRunARN, out.Name = x.MapRun.ARN, x.listedName()
	out.RedriveCount += x.Restarts
	if x.PendingRedrive() {
		out.Status = interpreter.StatusPendingRedrive
	}
	if out.RedriveStatus == "REDRIVABLE" {
		out.RedriveStatus = "REDRIVABLE_BY_MAP_RUN"
	}
}

// listedName is the name by which an execution is listed and described: that of an Express child has its id, too.
func (x *execution) listedName() string {
	if !x.Express() {
		return x.Name
	}
	return x.Name + x.ARN[strings.LastIndexByte(x.ARN, ':'):]
}
