package jsonpath

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/theory/jsonpath/spec"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// MissingError says, in Jayway's words (which Step Functions repeats), where a definite path leads nowhere.
type MissingError struct {
	Reason string
}

func (e *MissingError) Error() string { return e.Reason }

func missing(format string, args ...any) error {
	return &MissingError{Reason: fmt.Sprintf(format, args...)}
}

// follow walks a definite path.
func (p *Path) follow(root jsonvalue.Value) (jsonvalue.Value, error) {
	v, at := root, "$"
	segments := p.query.Segments()
	for i, segment := range segments {
		selector := segment.Selectors()[0]
		next, ok := step(v, selector)
		if !ok {
			return nil, explain(v, selector, at, i == len(segments)-1)
		}
		v, at = next, at+fragment(selector)
	}
	return v, nil
}

// step follows one definite selector.
func step(v jsonvalue.Value, selector spec.Selector) (jsonvalue.Value, bool) {
	switch s := selector.(type) {
	case spec.Name:
		object, ok := v.(*jsonvalue.Object)
		if !ok {
			return nil, false
		}
		return object.Get(string(s))
	case spec.Index:
		if found := s.Select(v, nil); len(found) == 1 {
			return found[0], true
		}
	}
	return nil, false
}

func fragment(selector spec.Selector) string {
	if name, ok := selector.(spec.Name); ok {
		return "['" + strings.ReplaceAll(string(name), "'", `\'`) + "']"
	}
	return "[" + selector.String() + "]"
}

func explain(v jsonvalue.Value, selector spec.Selector, at string, last bool) error {
	here := at + fragment(selector)
	if _, ok := selector.(spec.Index); ok {
		if _, ok := v.([]jsonvalue.Value); ok {
			return missing("Index out of bounds when evaluating path %s", here)
		}
		return missing("Filter: %s can only be applied to arrays. Current context is: %s", fragment(selector),
			jsonvalue.Text(v))
	}
	if _, ok := v.(*jsonvalue.Object); !ok {
		return missing("Expected to find an object with property %s in path %s but found '%s'. "+
			"This is not a json object according to the JsonProvider: "+
			"'com.jayway.jsonpath.spi.json.JacksonJsonNodeJsonProvider'.", fragment(selector), at, nodeClass(v))
	}
	if last {
		return missing("No results for path: %s", here)
	}
	return missing("Missing property in path %s", here)
}

// nodeClass is the Java class that Step Functions holds a value in.
func nodeClass(v jsonvalue.Value) string {
	name := "NullNode"
	switch v := v.(type) {
	case bool:
		name = "BooleanNode"
	case json.Number:
		name = "DoubleNode"
		if _, err := v.Int64(); err == nil {
			name = "IntNode"
		}
	case string:
		name = "TextNode"
	case []jsonvalue.Value:
		name = "ArrayNode"
	}
	return "com.fasterxml.jackson.databind.node." + name
}
