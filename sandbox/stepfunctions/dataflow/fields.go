package dataflow

import (
	"encoding/json"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/asl"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonpath"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// Int evaluates a field such as TimeoutSeconds.
func (s *Scope) Int(state *asl.State, field *asl.Int) (int64, error) {
	switch {
	case field.Query != "":
		v, err := s.queries().typed(field.Field, field.Query, "integer")
		if err != nil {
			return 0, err
		}
		return v.(json.Number).Int64()
	case field.Path != "":
		v, err := s.reference(state, field.Field, field.Path)
		if err != nil {
			return 0, err
		}
		n, ok := v.(json.Number)
		if i, err := n.Int64(); ok && err == nil {
			return i, nil
		}
		return 0, runtimeErrorf("The %s field refers to value \"%s\" which is not a valid integer: %s",
			field.Field, plainText(v), field.Path)
	}
	return field.Value, nil
}

// Float evaluates a field such as ToleratedFailurePercentage.
func (s *Scope) Float(state *asl.State, field *asl.Float) (float64, error) {
	switch {
	case field.Query != "":
		v, err := s.queries().typed(field.Field, field.Query, "number")
		if err != nil {
			return 0, err
		}
		return v.(json.Number).Float64()
	case field.Path != "":
		v, err := s.reference(state, field.Field, field.Path)
		if err != nil {
			return 0, err
		}
		n, ok := v.(json.Number)
		if f, err := n.Float64(); ok && err == nil {
			return f, nil
		}
		return 0, runtimeErrorf("The %s field refers to value \"%s\" which is not a valid number: %s",
			field.Field, plainText(v), field.Path)
	}
	return field.Value, nil
}

// reference follows the path of a field such as SecondsPath in the state's input.
func (s *Scope) reference(state *asl.State, field, text string) (Value, error) {
	input, err := s.effectiveInput(state)
	if err != nil {
		return nil, err
	}
	path, err := jsonpath.Parse(text)
	if err != nil {
		return nil, runtimeErrorf("Invalid path '%s' : %v", text, err)
	}
	v, err := s.paths(input).resolve(path)
	if err != nil {
		return nil, runtimeErrorf("The %s parameter does not reference an input value: %s", field, text)
	}
	return v, nil
}

// plainText is a value as it stands in a message: strings without quotes.
func plainText(v Value) string {
	if s, ok := v.(string); ok {
		return s
	}
	return jsonvalue.Text(v)
}

// Failure is a Fail state's error and cause; nil where the state has none.
func (s *Scope) Failure(state *asl.State) (name, cause *string, err error) {
	if name, err = s.text(state, state.Fail.Error); err != nil {
		return nil, nil, err
	}
	cause, err = s.text(state, state.Fail.Cause)
	return name, cause, err
}

// text evaluates a field that gives a string.
func (s *Scope) text(state *asl.State, field *asl.Text) (*string, error) {
	if field == nil {
		return nil, nil
	}
	v, err := s.textValue(state, field)
	if err != nil {
		return nil, err
	}
	text, ok := v.(string)
	if !ok {
		return nil, runtimeErrorf("The %s field refers to value %s which is not a string: %s",
			field.Field, jsonvalue.Text(v), field.Path)
	}
	return &text, nil
}

func (s *Scope) textValue(state *asl.State, field *asl.Text) (Value, error) {
	switch {
	case field.Query != "":
		return s.queries().typed(field.Field, field.Query, "string")
	case field.Path != "":
		input, err := s.effectiveInput(state)
		if err != nil {
			return nil, err
		}
		return s.paths(input).expression(field.Field, field.Path)
	}
	return field.Value, nil
}
