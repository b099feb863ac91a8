package stepfunctionstest

import (
	"encoding/json"
	"slices"

	"github.com/steptrace/steptrace/agent/history/historytest"
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
			"stateMachineArn": m.arn, "name": m.name, "type": m.kind, "creationDate": epoch(m.created),
		})
	}
	out["stateMachines"] = list
	return out, nil
}

func (s *Server) listExecutions(in request) (any, error) {
	wanted, err := s.wanted(in)
	if err != nil {
		return nil, err
	}
	var listed []*Execution
	for _, e := range s.executions {
		if wanted(e) && !e.hidden && (in.StatusFilter == "" || in.StatusFilter == e.status) {
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
		list = append(list, e.described())
	}
	out["executions"] = list
	return out, nil
}

func (s *Server) wanted(in request) (func(*Execution) bool, error) {
	if in.MapRunARN != "" && s.mapRunCode != "" {
		return nil, awswire.Errorf(s.mapRunCode, "scripted")
	}
	if in.MapRunARN != "" {
		return func(e *Execution) bool { return e.mapRun == in.MapRunARN }, nil
	}
	m, err := s.machine(in.StateMachineARN)
	if err != nil {
		return nil, err
	}
	if m.kind == "EXPRESS" {
		return nil, awswire.Errorf("StateMachineTypeNotSupported", "not supported by this type of state machine")
	}
	return func(e *Execution) bool { return e.machine == m.arn && e.mapRun == "" }, nil
}

// described has the members that listings and descriptions share.
func (e *Execution) described() map[string]any {
	out := map[string]any{
		"executionArn": e.ARN, "name": e.ARN, "stateMachineArn": e.machine, "status": e.status,
		"startDate": epoch(e.started), "redriveCount": e.redrive,
	}
	if e.version != "" {
		out["stateMachineVersionArn"] = e.version
	}
	if e.mapRun != "" {
		out["mapRunArn"] = e.mapRun
	}
	if !e.stopped.IsZero() {
		out["stopDate"] = epoch(e.stopped)
	}
	return out
}

func (s *Server) describeExecution(in request) (any, error) {
	e, err := s.execution(in.ExecutionARN)
	if err != nil {
		return nil, err
	}
	return e.described(), nil
}

func (s *Server) describeMachine(in request) (any, error) {
	arn := in.StateMachineARN
	if version, ok := s.versions[arn]; ok {
		return map[string]any{
			"stateMachineArn": arn, "name": arn, "definition": version, "creationDate": epoch(historytest.Epoch),
			"type": "STANDARD", "roleArn": role,
		}, nil
	}
	m, err := s.machine(arn)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"stateMachineArn": m.arn, "name": m.name, "definition": m.definition, "revisionId": m.revision,
		"creationDate": epoch(m.created), "type": m.kind, "roleArn": role,
	}, nil
}

func (s *Server) listTags(in request) (any, error) {
	m, err := s.machine(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	list := []any{}
	for key, value := range m.tags {
		list = append(list, map[string]any{"key": key, "value": value})
	}
	return map[string]any{"tags": list}, nil
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

func (s *Server) describeForExecution(in request) (any, error) {
	e, err := s.execution(in.ExecutionARN)
	if err != nil {
		return nil, err
	}
	m, err := s.machine(e.machine)
	if err != nil {
		return nil, err
	}
	if e.fixed != nil {
		m = *e.fixed
	}
	definition := m.definition
	if e.version != "" {
		definition = s.versions[e.version]
	}
	return map[string]any{
		"stateMachineArn": m.arn, "name": m.name, "definition": definition, "updateDate": epoch(m.updated),
		"revisionId": m.revision, "roleArn": role,
	}, nil
}

const role = "arn:aws:iam::123456789012:role/any"
