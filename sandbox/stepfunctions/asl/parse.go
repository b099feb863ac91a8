package asl

import "github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"

// maxDefinition is Step Functions' quota for a definition's size in bytes.
const maxDefinition = 1 << 20

// Parse reads and validates a definition. Its error is a *DefinitionError.
func Parse(definition []byte) (*StateMachine, error) {
	p := &problems{}
	if len(definition) > maxDefinition {
		p.add("INVALID_JSON_DESCRIPTION", "", "Definition is over %d bytes", maxDefinition)
		return nil, &DefinitionError{Problems: p.found}
	}
	v, err := jsonvalue.Decode(definition)
	if err != nil {
		p.add("INVALID_JSON_DESCRIPTION", "", "%v", err)
		return nil, &DefinitionError{Problems: p.found}
	}
	machine := parseDocument(newFields(p, "", v))
	if len(p.found) == 0 {
		checkStateNames(p, machine)
		checkLabels(p, machine)
	}
	if len(p.found) > 0 {
		return nil, &DefinitionError{Problems: p.found}
	}
	return machine, nil
}

func parseDocument(f *fields) *StateMachine {
	machine := &StateMachine{
		Version:        f.choice("Version", "1.0"),
		TimeoutSeconds: f.whole("TimeoutSeconds", 0, 1, maxSeconds),
	}
	parseMachine(f, machine)
	return machine
}

// parseMachine reads what whole definitions, branches and item processors have in common.
func parseMachine(f *fields, machine *StateMachine) {
	machine.Comment = f.comment()
	f.lang = f.machineLang
	machine.QueryLanguage = f.queryLanguage()
	f.machineLang = machine.QueryLanguage
	machine.StartAt = f.text("StartAt")
	f.require("StartAt", "States")
	machine.States = parseStates(f)
	f.done()
	if machine.States != nil {
		checkTransitions(f.problems, f.at, machine)
	}
}

// comment reads the Comment, which may be of any type: nobody looks at it but people.
func (f *fields) comment() string {
	v, _ := f.get("Comment")
	s, _ := v.(string)
	return s
}

// queryLanguage reads the QueryLanguage; it is inherited when absent, and JSONata cannot go back to JSONPath.
func (f *fields) queryLanguage() QueryLanguage {
	if !f.has("QueryLanguage") {
		return f.lang
	}
	lang := QueryLanguage(f.choice("QueryLanguage", string(JSONPath), string(JSONata)))
	if f.lang == JSONata && lang == JSONPath {
		f.schema(f.place("QueryLanguage"),
			"'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine")
	}
	f.lang = lang
	return lang
}

func parseStates(f *fields) map[string]*State {
	v, ok := f.get("States")
	if !ok {
		return nil
	}
	inner := f.within(f.place("States"), v)
	if inner.object == nil {
		return nil
	}
	if inner.object.Len() == 0 {
		f.schema(inner.at, "States must not be empty")
	}
	states := map[string]*State{}
	inner.object.Range(func(name string, v jsonvalue.Value) bool {
		states[name] = parseState(name, f.within(inner.place(name), v))
		return true
	})
	return states
}
