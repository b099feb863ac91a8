package dataflow

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/asl"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonpath"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// holds tells whether a JSONPath condition holds.
func (p *paths) holds(condition asl.Condition) (bool, error) {
	switch c := condition.(type) {
	case asl.And:
		return p.any(c, false)
	case asl.Or:
		return p.any(c, true)
	case asl.Not:
		holds, err := p.holds(c.Condition)
		return !holds, err
	case asl.Comparison:
		return p.compare(c)
	}
	return false, fmt.Errorf("%T is not a JSONPath condition", condition)
}

// any is want as soon as one of the conditions is, else the opposite.
func (p *paths) any(conditions []asl.Condition, want bool) (bool, error) {
	for _, condition := range conditions {
		holds, err := p.holds(condition)
		if err != nil || holds == want {
			return holds, err
		}
	}
	return !want, nil
}

func (p *paths) compare(c asl.Comparison) (bool, error) {
	v, err := p.operand(c.Variable)
	if c.Operator == asl.IsPresent {
		return isPresent(c, err)
	}
	if err != nil {
		return false, err
	}
	if c.Path == "" {
		return compareWith(c.Operator, v, c.Value), nil
	}
	other, err := p.operand(c.Path)
	if err != nil {
		return false, err
	}
	return compareWith(c.Operator, v, other), nil
}

func isPresent(c asl.Comparison, err error) (bool, error) {
	var failed *Error
	if err != nil && !errors.As(err, &failed) {
		return false, err
	}
	return (err == nil) == c.Value, nil
}

// operand is what a Variable or the path of an operator selects.
func (p *paths) operand(text string) (Value, error) {
	path, err := jsonpath.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("choice rule: %w", err)
	}
	v, err := p.resolve(path)
	if err != nil {
		return nil, runtimeErrorf("Invalid path '%s': The choice state's condition path references an invalid value.", text)
	}
	return v, nil
}

// compareWith applies an operator. Values of another type than the operator's do not match.
func compareWith(operator asl.Operator, v, other Value) bool {
	if is, ok := tests[operator]; ok {
		return is(v) == other
	}
	if operator == asl.StringMatches {
		return matches(v, other)
	}
	if operator == asl.BooleanEquals {
		_, ok := v.(bool)
		return ok && v == other
	}
	for kind, compare := range orders {
		if relation, ok := strings.CutPrefix(string(operator), kind); ok {
			order, ok := compare(v, other)
			return ok && related(relation, order)
		}
	}
	return false
}

var tests = map[asl.Operator]func(Value) bool{
	asl.IsNull:      func(v Value) bool { return v == nil },
	asl.IsString:    is[string],
	asl.IsNumeric:   is[json.Number],
	asl.IsBoolean:   is[bool],
	asl.IsTimestamp: isTimestamp,
}

func is[T any](v Value) bool {
	_, ok := v.(T)
	return ok
}

func isTimestamp(v Value) bool {
	text, ok := v.(string)
	_, err := asl.ParseTimestamp(text)
	return ok && err == nil
}

// orders compare two values of the operators' kinds; ok is false when they are not of that kind.
var orders = map[string]func(a, b Value) (order int, ok bool){
	"String":    compareStrings,
	"Numeric":   compareNumbers,
	"Timestamp": compareTimestamps,
}

func compareStrings(a, b Value) (int, bool) {
	x, ok1 := a.(string)
	y, ok2 := b.(string)
	return cmp.Compare(x, y), ok1 && ok2
}

func compareNumbers(a, b Value) (int, bool) {
	x, ok1 := a.(json.Number)
	y, ok2 := b.(json.Number)
	if !ok1 || !ok2 {
		return 0, false
	}
	return jsonvalue.CompareNumbers(x, y), true
}

func compareTimestamps(a, b Value) (int, bool) {
	x, _ := a.(string)
	y, _ := b.(string)
	t, err1 := asl.ParseTimestamp(x)
	u, err2 := asl.ParseTimestamp(y)
	return t.Compare(u), err1 == nil && err2 == nil
}

func related(relation string, order int) bool {
	switch relation {
	case "Equals":
		return order == 0
	case "LessThan":
		return order < 0
	case "LessThanEquals":
		return order <= 0
	case "GreaterThan":
		return order > 0
	case "GreaterThanEquals":
		return order >= 0
	}
	return false
}
