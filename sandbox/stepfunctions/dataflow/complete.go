package dataflow

import (
	"fmt"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/asl"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonpath"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// Complete is what the state puts out when its work has ended with result: through ResultSelector, ResultPath and
// OutputPath, or Output; and what it assigns. States without work (Wait, Succeed) pass their Arguments as the result,
// Pass states too.
func (s *Scope) Complete(state *asl.State, result Value) (Outcome, error) {
	if state.QueryLanguage == asl.JSONata {
		return s.finish(state.Name, s.resultQueries(state, result), state.Output, state.Assign, "", result)
	}
	selected, err := s.optional(s.paths(result), state.ResultSelector, "ResultSelector", result)
	if err != nil {
		return Outcome{}, err
	}
	combined, err := combine(s.Input, selected, state.ResultPath)
	if err != nil {
		return Outcome{}, err
	}
	output, err := s.paths(combined).filter(state.OutputPath)
	if err != nil {
		return Outcome{}, err
	}
	return s.finish(state.Name, s.paths(result), nil, state.Assign, "", output)
}

// resultQueries knows $states.result in states that have one.
func (s *Scope) resultQueries(state *asl.State, result Value) *queries {
	switch state.Type {
	case asl.TaskType, asl.ParallelType, asl.MapType:
		return s.queriesOver(s.states().Set("result", result))
	default:
		return s.queries()
	}
}

// Caught is what the state puts out when its Catch entry of the given index has caught an error.
func (s *Scope) Caught(state *asl.State, catcher int, failure Failure) (Outcome, error) {
	catch, output := state.Catch[catcher], failure.value()
	if state.QueryLanguage == asl.JSONata {
		prefix := fmt.Sprintf("Catch[%d]/", catcher)
		queries := s.queriesOver(s.states().Set("errorOutput", output))
		return s.finish(state.Name, queries, catch.Output, catch.Assign, prefix, output)
	}
	combined, err := combine(s.Input, output, catch.ResultPath)
	if err != nil {
		return Outcome{}, err
	}
	return s.finish(state.Name, s.paths(output), nil, catch.Assign, "", combined)
}

// finish evaluates Output and Assign, whose fields are named with the prefix, and checks the size.
func (s *Scope) finish(
	state string, t templates, output, assign *asl.Payload, prefix string, otherwise Value,
) (Outcome, error) {
	v, err := s.optional(t, output, prefix+"Output", otherwise)
	if err != nil {
		return Outcome{}, err
	}
	if err := CheckSize(state, v); err != nil {
		return Outcome{}, err
	}
	if assign == nil {
		return Outcome{Output: v}, nil
	}
	assigned, err := t.evaluate(prefix+"Assign", assign.Value)
	if err != nil {
		return Outcome{}, err
	}
	return Outcome{Output: v, Assigned: variables(assigned)}, nil
}

func variables(assigned Value) Variables {
	object, _ := assigned.(*jsonvalue.Object)
	named := Variables{}
	object.Range(func(name string, v Value) bool {
		named[name] = v
		return true
	})
	return named
}

// combine puts a result into the state's input at ResultPath.
func combine(input, result Value, path asl.Path) (Value, error) {
	switch {
	case path.Null:
		return input, nil
	case path.Expression == "" || path.Expression == "$":
		return result, nil
	}
	reference, err := jsonpath.Parse(path.Expression)
	if err != nil {
		return nil, runtimeErrorf("Invalid path '%s' : %v", path.Expression, err)
	}
	combined, err := reference.Put(input, result)
	if err != nil {
		return nil, &Error{Name: ErrResultPathMatch, Message: fmt.Sprintf(
			"Unable to apply ReferencePath %s to input %s", path.Expression, jsonvalue.Text(input))}
	}
	return combined, nil
}
