package dataflow

import (
	"errors"
	"strings"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/asl"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/intrinsic"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonpath"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// paths evaluates JSONPath with a document for "$".
type paths struct {
	scope    *Scope
	document Value
}

func (s *Scope) paths(document Value) *paths { return &paths{scope: s, document: document} }

// resolve follows a path from its root.
func (p *paths) resolve(path *jsonpath.Path) (Value, error) {
	switch path.Root {
	case jsonpath.Context:
		return path.Value(p.scope.Context)
	case jsonpath.Variable:
		v, ok := p.scope.Variables[path.Variable]
		if !ok {
			return nil, &jsonpath.MissingError{Reason: "The variable '$" + path.Variable + "' does not exist"}
		}
		return path.Value(v)
	default:
		return path.Value(p.document)
	}
}

// path evaluates the text of a field such as InputPath.
func (p *paths) path(text string) (Value, error) {
	path, err := jsonpath.Parse(text)
	if err != nil {
		return nil, runtimeErrorf("Invalid path '%s' : %v", text, err)
	}
	v, err := p.resolve(path)
	if err != nil {
		return nil, runtimeErrorf("Invalid path '%s' : %v", text, err)
	}
	return v, nil
}

// filter applies InputPath or OutputPath.
func (p *paths) filter(path asl.Path) (Value, error) {
	if path.Null {
		return jsonvalue.NewObject(), nil
	}
	return p.path(path.Expression)
}

// effectiveInput is the state's input through InputPath.
func (s *Scope) effectiveInput(state *asl.State) (Value, error) {
	return s.paths(s.Input).filter(state.InputPath)
}

// evaluate fills a payload template: a member "name.$" becomes "name" with what its path or intrinsic function gives.
func (p *paths) evaluate(field string, template Value) (Value, error) {
	switch template := template.(type) {
	case []Value:
		return p.array(field, template)
	case *jsonvalue.Object:
		return p.object(template)
	}
	return template, nil
}

func (p *paths) array(field string, template []Value) (Value, error) {
	filled := make([]Value, len(template))
	for i, element := range template {
		v, err := p.evaluate(field, element)
		if err != nil {
			return nil, err
		}
		filled[i] = v
	}
	return filled, nil
}

// object fills an object in the order that Step Functions puts members in: constants, then paths, then functions.
func (p *paths) object(template *jsonvalue.Object) (Value, error) {
	filled := jsonvalue.NewObject()
	for _, kind := range []memberKind{constant, path, function} {
		for _, key := range template.Keys() {
			member, _ := template.Get(key)
			if kindOfMember(key, member) != kind {
				continue
			}
			name, v, err := p.member(key, member, kind)
			if err != nil {
				return nil, err
			}
			filled.Set(name, v)
		}
	}
	return filled, nil
}

type memberKind int

const (
	constant memberKind = iota
	path
	function
)

// kindOfMember tells by its name and value how a template's member is filled.
func kindOfMember(key string, member Value) memberKind {
	text, ok := member.(string)
	switch {
	case !ok || !strings.HasSuffix(key, ".$"):
		return constant
	case intrinsic.Is(text):
		return function
	}
	return path
}

func (p *paths) member(key string, member Value, kind memberKind) (string, Value, error) {
	if kind == constant {
		v, err := p.evaluate(key, member)
		return key, v, err
	}
	v, err := p.expression(key, member.(string))
	return strings.TrimSuffix(key, ".$"), v, err
}

// expression evaluates a path or an intrinsic function; field is the member that holds it.
func (p *paths) expression(field, text string) (Value, error) {
	if intrinsic.Is(text) {
		return p.call(field, text)
	}
	path, err := jsonpath.Parse(text)
	if err != nil {
		return nil, runtimeErrorf("The value for the field '%s' must be a valid JSONPath: %v", field, err)
	}
	return p.value(field, path)
}

func (p *paths) value(field string, path *jsonpath.Path) (Value, error) {
	v, err := p.resolve(path)
	if err != nil {
		return nil, runtimeErrorf("The JSONPath '%s' specified for the field '%s' could not be found in the input '%s'",
			path.Text, field, jsonvalue.Text(p.document))
	}
	return v, nil
}

func (p *paths) call(field, text string) (Value, error) {
	call, err := intrinsic.Parse(text)
	if err != nil {
		return nil, &Error{Name: ErrIntrinsicFailure, Message: err.Error()}
	}
	v, err := call.Evaluate(intrinsic.Environment{
		Resolve: func(path *jsonpath.Path) (Value, error) { return p.value(field, path) },
		Random:  p.scope.Random,
		NewUUID: p.scope.NewUUID,
	})
	var failed *intrinsic.Error
	if errors.As(err, &failed) {
		return nil, &Error{Name: ErrIntrinsicFailure, Message: failed.Error()}
	}
	return v, err
}
