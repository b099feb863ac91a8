package asl

import (
	"math"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonata"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// payload reads a template in the state's query language.
func (f *fields) payload(name string) *Payload {
	v, ok := f.get(name)
	if !ok {
		return nil
	}
	f.checkTemplate(f.place(name), v)
	return &Payload{Value: v}
}

// path reads InputPath, OutputPath or ResultPath.
func (f *fields) path(name string) Path {
	f.only(JSONPath, name)
	v, ok := f.get(name)
	switch {
	case !ok:
		return Path{Expression: "$"}
	case v == nil:
		return Path{Null: true}
	}
	return Path{Expression: f.pathText(name)}
}

// integer reads a whole number that may also be JSONata or come from the variant of the field with "Path".
// It is nil when neither is there.
func (f *fields) integer(name string, least, most int64) *Int {
	if path, ok := f.variant(name); ok {
		return &Int{Field: name + "Path", Path: path}
	}
	v, ok := f.get(name)
	if !ok {
		return nil
	}
	if query, ok := f.query(name, v); ok {
		return &Int{Field: name, Query: query}
	}
	return &Int{Field: name, Value: f.wholeValue(name, v, least, most)}
}

// Bounds of integers.
const (
	maxSeconds = 99999999 // of attempts, too
	maxItems   = 100000000
	unbounded  = math.MaxInt32
)

// float reads a number as integer does.
func (f *fields) float(name string, least, most float64) *Float {
	if path, ok := f.variant(name); ok {
		return &Float{Field: name + "Path", Path: path}
	}
	v, ok := f.get(name)
	if !ok {
		return nil
	}
	if query, ok := f.query(name, v); ok {
		return &Float{Field: name, Query: query}
	}
	return &Float{Field: name, Value: f.numberValue(name, v, least, most)}
}

// string reads a string as integer does.
func (f *fields) string(name string) *Text {
	if path, ok := f.variant(name); ok {
		return &Text{Field: name + "Path", Path: path}
	}
	v, ok := f.get(name)
	if !ok {
		return nil
	}
	if query, ok := f.query(name, v); ok {
		return &Text{Field: name, Query: query}
	}
	return &Text{Field: name, Value: f.text(name)}
}

// variant reads the member name+"Path", which excludes the one without.
func (f *fields) variant(name string) (string, bool) {
	variant := name + "Path"
	if !f.has(variant) {
		return "", false
	}
	f.only(JSONPath, variant)
	f.oneOf(name, variant)
	f.known[name] = true
	if (name == "Error" || name == "Cause") && f.isCall(variant) {
		return f.text(variant), true
	}
	return f.reference(variant), true
}

// query tells whether a value is a JSONata expression.
func (f *fields) query(name string, v jsonvalue.Value) (string, bool) {
	s, ok := v.(string)
	if !ok || f.lang != JSONata || !jsonata.Is(s) {
		return "", false
	}
	f.checkQuery(f.place(name), s)
	return s, true
}
