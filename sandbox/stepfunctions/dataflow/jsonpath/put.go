package jsonpath

import (
	"fmt"

	"github.com/theory/jsonpath/spec"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// Put is root with v at the path, which must be a Reference Path. Objects on the way are made where they are missing;
// arrays only have the elements that they have. root itself stays as it is.
func (p *Path) Put(root, v jsonvalue.Value) (jsonvalue.Value, error) {
	if !p.IsReference() {
		return nil, fmt.Errorf("%s is not a Reference Path", p.Text)
	}
	return p.put(root, v, p.query.Segments())
}

func (p *Path) put(at, v jsonvalue.Value, segments []*spec.Segment) (jsonvalue.Value, error) {
	if len(segments) == 0 {
		return v, nil
	}
	switch selector := segments[0].Selectors()[0].(type) {
	case spec.Name:
		return p.putMember(at, v, string(selector), segments[1:])
	case spec.Index:
		return p.putElement(at, v, int(selector), segments[1:])
	}
	return nil, fmt.Errorf("%s is not a Reference Path", p.Text)
}

func (p *Path) putMember(at, v jsonvalue.Value, name string, rest []*spec.Segment) (jsonvalue.Value, error) {
	object, ok := at.(*jsonvalue.Object)
	if !ok {
		return nil, fmt.Errorf("%s leads through a value that is not an object", p.Text)
	}
	old, ok := object.Get(name)
	if !ok {
		old = jsonvalue.NewObject()
	}
	member, err := p.put(old, v, rest)
	if err != nil {
		return nil, err
	}
	return object.With(name, member), nil
}

func (p *Path) putElement(at, v jsonvalue.Value, index int, rest []*spec.Segment) (jsonvalue.Value, error) {
	array, ok := at.([]jsonvalue.Value)
	if index < 0 {
		index += len(array)
	}
	if !ok || index < 0 || index >= len(array) {
		return nil, fmt.Errorf("%s leads to an element that is not there", p.Text)
	}
	element, err := p.put(array[index], v, rest)
	if err != nil {
		return nil, err
	}
	changed := append([]jsonvalue.Value{}, array...)
	changed[index] = element
	return changed, nil
}
