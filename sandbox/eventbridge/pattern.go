package eventbridge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// Pattern is a compiled event pattern.
// Source: Amazon EventBridge User Guide, "Amazon EventBridge event patterns" and "comparison operators".
type Pattern struct {
	root object
}

// object matches an object: every field must match, and one alternative of $or if there are any.
type object struct {
	fields map[string]node
	either []object
}

// node matches a field's value; present is false when the event has no such field.
type node interface {
	match(value any, present bool) bool
}

// leaf matches when one of its filters does, on the value or on an element of it.
type leaf []filter

type filter func(value any, present bool) bool

// maxPattern is EventBridge's bound on an event pattern, in bytes.
const maxPattern = 4096

// ParsePattern compiles an event pattern; what is not one is an InvalidEventPatternException.
func ParsePattern(text string) (*Pattern, error) {
	if len(text) > maxPattern {
		return nil, invalid("it is over %d characters", maxPattern)
	}
	value, err := decode([]byte(text))
	if err != nil {
		return nil, invalid("%v", err)
	}
	fields, ok := value.(map[string]any)
	if !ok {
		return nil, invalid("Filter is not an object")
	}
	root, err := compileObject(fields)
	if err != nil {
		return nil, err
	}
	return &Pattern{root: root}, nil
}

func invalid(format string, args ...any) error {
	return awswire.Errorf("InvalidEventPatternException", "Event pattern is not valid. Reason: "+format, args...)
}

// decode keeps numbers as they are written.
func decode(text []byte) (value any, err error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	if decoder.More() {
		return nil, fmt.Errorf("there is more behind the JSON value")
	}
	return value, nil
}

func compileObject(in map[string]any) (object, error) {
	out := object{fields: make(map[string]node, len(in))}
	if len(in) == 0 {
		return out, invalid("Empty objects are not allowed")
	}
	for name, value := range in {
		var err error
		if alternatives, ok := value.([]any); ok && name == "$or" {
			out.either, err = compileEither(alternatives)
		} else {
			out.fields[name], err = compileNode(name, value)
		}
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

func compileEither(in []any) (out []object, err error) {
	if len(in) < 2 {
		return nil, invalid("There must have at least 2 Objects in the array for $or relationship")
	}
	for _, alternative := range in {
		fields, ok := alternative.(map[string]any)
		if !ok {
			return nil, invalid("Only JSON object is allowed in array of $or relationship")
		}
		compiled, err := compileObject(fields)
		if err != nil {
			return nil, err
		}
		out = append(out, compiled)
	}
	return out, nil
}

func compileNode(name string, value any) (node, error) {
	switch value := value.(type) {
	case map[string]any:
		return compileObject(value)
	case []any:
		return compileLeaf(value)
	}
	return nil, invalid("\"%s\" must be an object or an array", name)
}

func compileLeaf(in []any) (leaf, error) {
	if len(in) == 0 {
		return nil, invalid("Empty arrays are not allowed")
	}
	out := make(leaf, 0, len(in))
	for _, value := range in {
		f, err := compileFilter(value)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

func compileFilter(value any) (filter, error) {
	switch value := value.(type) {
	case map[string]any:
		return compileOperator(value)
	case []any:
		return nil, invalid("Match value must be String, number, true, false, or null")
	}
	return equals(value), nil
}

func equals(want any) filter {
	return func(value any, present bool) bool { return present && value == want }
}

// Matches tells whether an event, as JSON, matches. What is not a JSON object does not.
func (p *Pattern) Matches(event []byte) bool {
	value, err := decode(event)
	return err == nil && p.root.match(value, true)
}

// match follows EventBridge into arrays of objects: one of them has to match.
func (o object) match(value any, present bool) bool {
	if elements, ok := value.([]any); ok {
		return slices.ContainsFunc(elements, func(element any) bool { return o.match(element, present) })
	}
	fields, _ := value.(map[string]any) // nil: every field is absent, which "exists": false matches
	for name, node := range o.fields {
		value, present := fields[name]
		if !node.match(value, present) {
			return false
		}
	}
	return len(o.either) == 0 ||
		slices.ContainsFunc(o.either, func(alternative object) bool { return alternative.match(value, present) })
}

func (l leaf) match(value any, present bool) bool {
	return slices.ContainsFunc(l, func(f filter) bool { return f.matchAny(value, present) })
}

// matchAny applies a filter to a scalar, or to the elements of an array. An object is no leaf: it counts as absent.
func (f filter) matchAny(value any, present bool) bool {
	switch value := value.(type) {
	case map[string]any:
		return f(nil, false)
	case []any:
		return slices.ContainsFunc(value, func(element any) bool { return f.matchAny(element, true) }) ||
			(len(value) == 0 && f(nil, false))
	}
	return f(value, present)
}
