package dataflow

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonata"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// queries evaluates JSONata.
type queries struct {
	environment *jsonata.Environment
}

func (s *Scope) queries() *queries { return s.queriesOver(s.states()) }

// states is $states as it is before the state has a result.
func (s *Scope) states() *jsonvalue.Object {
	return jsonvalue.NewObject().Set("input", s.Input).Set("context", s.Context)
}

func (s *Scope) queriesOver(states *jsonvalue.Object) *queries {
	env := jsonata.NewEnvironment(jsonata.Sources{Now: s.now, Random: s.Random, NewUUID: s.NewUUID})
	for name, v := range s.Variables {
		env.Set(name, v)
	}
	env.Set("states", states)
	return &queries{environment: env}
}

func (s *Scope) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}

// evaluate replaces every string "{% … %}" in a template by what it gives. A member's place is field/member, an
// element's field[index].
func (q *queries) evaluate(field string, template Value) (Value, error) {
	switch template := template.(type) {
	case string:
		if jsonata.Is(template) {
			return q.expression(field, template)
		}
	case []Value:
		return q.array(field, template)
	case *jsonvalue.Object:
		return q.object(field, template)
	}
	return template, nil
}

func (q *queries) array(field string, template []Value) (Value, error) {
	filled := make([]Value, len(template))
	for i, element := range template {
		v, err := q.evaluate(fmt.Sprintf("%s[%d]", field, i), element)
		if err != nil {
			return nil, err
		}
		filled[i] = v
	}
	return filled, nil
}

func (q *queries) object(field string, template *jsonvalue.Object) (Value, error) {
	filled := jsonvalue.NewObject()
	for _, key := range template.Keys() {
		member, _ := template.Get(key)
		v, err := q.evaluate(field+"/"+key, member)
		if err != nil {
			return nil, err
		}
		filled.Set(key, v)
	}
	return filled, nil
}

func (q *queries) expression(field, text string) (Value, error) {
	e, err := jsonata.Parse(text)
	if err != nil {
		return nil, queryErrorf(field, "The JSONata expression '%s' specified for the field '%s' is not valid: %v",
			text, field, err)
	}
	v, err := e.Evaluate(q.environment)
	if err == nil {
		return v, nil
	}
	message := fmt.Sprintf("The JSONata expression '%s' specified for the field '%s' %v", e.Text, field, err)
	if errors.Is(err, jsonata.ErrUndefined) || errors.Is(err, jsonata.ErrUnsupported) {
		message += "."
	}
	return nil, queryErrorf(field, "%s", message)
}

// typed evaluates a field that must be of one type.
func (q *queries) typed(field string, template Value, kind string) (Value, error) {
	v, err := q.evaluate(field, template)
	if err != nil || kindOf(v) == kind || kind == "number" && kindOf(v) == "integer" {
		return v, err
	}
	return nil, unexpected(field, template, kind, v)
}

// unexpected is the error of an expression that gave a value of another type than wanted.
func unexpected(field string, template Value, kind string, v Value) error {
	text, _ := template.(string)
	if e, err := jsonata.Parse(text); err == nil {
		text = e.Text
	}
	got := kindOf(v)
	if got == "integer" {
		got = "number"
	}
	return queryErrorf(field, "The JSONata expression '%s' specified for the field '%s' returned an unexpected result "+
		"type. Expected '%s', but was '%s' for value: %s", text, field, kind, got, jsonvalue.Text(v))
}

// kindOf names the type of a value as Step Functions does.
func kindOf(v Value) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case []Value:
		return "array"
	case json.Number:
		if _, err := v.Int64(); err == nil {
			return "integer"
		}
		return "number"
	}
	return "object"
}
