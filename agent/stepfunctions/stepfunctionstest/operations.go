package stepfunctionstest

import (
	"encoding/json"
	"slices"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

func (s *Server) listStateMachines(in request) (any, error) {
	from, to, out, err := s.slice(in, len(s.machines))
	if err != nil {
		return nil, err
	}
	list := []any{}
	for _, m := range s.machines[from:to] {
		list = append(list, map[string]any{
			"stateMachineArn": m.arn, "name": m.name, "type": m.kind, "creationDate": epoch(m.updated),
		})
	}
	out["stateMachines"] = list
	return out, nil
}

func (s *Server) listExecutions(in request) (any, error) {
	m, err := s.machine(in.StateMachineARN)
	if err != nil {
		return nil, err
	}
	if m.kind == "EXPRESS" {
		return nil, awswire.Errorf("StateMachineTypeNotSupported", "not supported by this type of state machine")
	}
	var listed []*Execution
	for _, e := range s.executions {
		if e.machine == m.arn && !e.hidden {
			listed = append(listed, e)
		}
	}
	slices.SortStableFunc(listed, func(a, b *Execution) int { return b.started.Compare(a.started) })
	from, to, out, err := s.slice(in, len(listed))
	if err != nil {
		return nil, err
	}
	list := []any{}
	for _, e := range listed[from:to] {
		list = append(list, map[string]any{
			"executionArn": e.ARN, "name": e.ARN, "stateMachineArn": m.arn, "status": e.status,
			"startDate": epoch(e.started), "redriveCount": e.redrive,
		})
	}
	out["executions"] = list
	return out, nil
}

func (s *Server) history(in request) (any, error) {
	e, err := s.execution(in.ExecutionARN)
	if err != nil {
		return nil, err
	}
	events := slices.Clone(e.events)
	if in.ReverseOrder {
		slices.Reverse(events)
	}
	from, to, out, err := s.slice(in, len(events))
	if err != nil {
		return nil, err
	}
	list := []json.RawMessage{}
	for _, event := range events[from:to] {
		list = append(list, json.RawMessage(event))
	}
	out["events"] = list
	return out, nil
}

func (s *Server) describe(in request) (any, error) {
	e, err := s.execution(in.ExecutionARN)
	if err != nil {
		return nil, err
	}
	m, err := s.machine(e.machine)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"stateMachineArn": m.arn, "name": m.name, "definition": m.definition, "updateDate": epoch(m.updated),
		"roleArn": "arn:aws:iam::123456789012:role/any",
	}, nil
}
