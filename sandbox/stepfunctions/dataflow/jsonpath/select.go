package jsonpath

import (
	"fmt"

	"github.com/theory/jsonpath/spec"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// maxNodes bounds how many values a path may pass on the way: nested ".." multiply.
const maxNodes = 1 << 18

// selection evaluates an indefinite path. The library's own evaluation works on Go maps, which have no order.
type selection struct {
	root  jsonvalue.Value
	plain any // root as Go maps, made when a filter needs it
}

func (p *Path) selectAll(root jsonvalue.Value) ([]jsonvalue.Value, error) {
	s := &selection{root: root}
	nodes := []jsonvalue.Value{root}
	for _, segment := range p.query.Segments() {
		next := []jsonvalue.Value{}
		for _, node := range nodes {
			next = s.segment(next, segment, node)
			if len(next) > maxNodes {
				return nil, fmt.Errorf("%s selects more than %d values", p.Text, maxNodes)
			}
		}
		nodes = next
	}
	return nodes, nil
}

func (s *selection) segment(found []jsonvalue.Value, segment *spec.Segment, node jsonvalue.Value) []jsonvalue.Value {
	for _, selector := range segment.Selectors() {
		found = append(found, s.selector(selector, node)...)
	}
	if !segment.IsDescendant() {
		return found
	}
	for _, child := range children(node) {
		found = s.segment(found, segment, child)
	}
	return found
}

func (s *selection) selector(selector spec.Selector, node jsonvalue.Value) []jsonvalue.Value {
	switch selector := selector.(type) {
	case spec.Name, spec.Index:
		if v, ok := step(node, selector); ok {
			return []jsonvalue.Value{v}
		}
		return nil
	case spec.WildcardSelector:
		return children(node)
	case *spec.FilterSelector:
		return s.filter(selector, node)
	}
	return selector.Select(node, nil) // a slice
}

func (s *selection) filter(filter *spec.FilterSelector, node jsonvalue.Value) []jsonvalue.Value {
	if s.plain == nil {
		s.plain = plain(s.root)
	}
	var kept []jsonvalue.Value
	for _, child := range children(node) {
		if filter.Eval(plain(child), s.plain) {
			kept = append(kept, child)
		}
	}
	return kept
}

// children are an object's or an array's values in order.
func children(v jsonvalue.Value) []jsonvalue.Value {
	switch v := v.(type) {
	case []jsonvalue.Value:
		return v
	case *jsonvalue.Object:
		values := make([]jsonvalue.Value, 0, v.Len())
		v.Range(func(_ string, member jsonvalue.Value) bool {
			values = append(values, member)
			return true
		})
		return values
	}
	return nil
}

// plain is a value with Go maps for objects, as the library's filters take it.
func plain(v jsonvalue.Value) any {
	switch v := v.(type) {
	case []jsonvalue.Value:
		array := make([]any, len(v))
		for i, element := range v {
			array[i] = plain(element)
		}
		return array
	case *jsonvalue.Object:
		object := make(map[string]any, v.Len())
		v.Range(func(key string, member jsonvalue.Value) bool {
			object[key] = plain(member)
			return true
		})
		return object
	}
	return v
}
