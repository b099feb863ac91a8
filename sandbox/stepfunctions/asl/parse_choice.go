package asl

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

func parseChoice(f *fields, state *State) {
	parseFilters(f, state)
	state.Assign = parseAssign(f)
	state.Choice = &Choice{Default: f.text("Default")}
	f.require("Choices")
	for i, v := range f.list("Choices") {
		inner := f.within(fmt.Sprintf("%s[%d]", f.place("Choices"), i), v)
		state.Choice.Rules = append(state.Choice.Rules, parseRule(inner))
	}
	if f.has("Choices") && len(state.Choice.Rules) == 0 {
		f.schema(f.place("Choices"), "Choices must not be empty")
	}
}

func parseRule(f *fields) Rule {
	f.require("Next")
	f.only(JSONata, "Output")
	return Rule{
		Comment:   f.comment(),
		Next:      f.text("Next"),
		Output:    f.payload("Output"),
		Assign:    parseAssign(f),
		Condition: parseCondition(f),
	}
}

// parseCondition reads the one condition of a rule, in either query language.
func parseCondition(f *fields) Condition {
	defer f.done()
	if f.object == nil {
		return nil
	}
	f.only(JSONata, "Condition")
	if f.lang == JSONata {
		return parseQueryCondition(f)
	}
	switch {
	case f.has("And"):
		return And(parseConditions(f, "And"))
	case f.has("Or"):
		return Or(parseConditions(f, "Or"))
	case f.has("Not"):
		v, _ := f.get("Not")
		return Not{parseNested(f.within(f.place("Not"), v))}
	}
	return parseComparison(f)
}

func parseQueryCondition(f *fields) Condition {
	f.require("Condition")
	v, ok := f.get("Condition")
	if !ok {
		return nil
	}
	switch c := v.(type) {
	case bool:
		return Query{Value: c}
	case string:
		f.checkTemplate(f.place("Condition"), c)
		return Query{Value: c}
	}
	f.schema(f.place("Condition"), "Expected a JSONata expression or a Boolean")
	return nil
}

func parseConditions(f *fields, name string) []Condition {
	list := f.list(name)
	if len(list) == 0 {
		f.schema(f.place(name), "%s must not be empty", name)
	}
	conditions := make([]Condition, 0, len(list))
	for i, v := range list {
		conditions = append(conditions, parseNested(f.within(fmt.Sprintf("%s[%d]", f.place(name), i), v)))
	}
	return conditions
}

// parseNested reads a rule inside another; it has no Next.
func parseNested(f *fields) Condition {
	f.comment()
	return parseCondition(f)
}

func parseComparison(f *fields) Condition {
	f.require("Variable")
	comparison := Comparison{Variable: f.variable()}
	names := f.operators()
	if len(names) != 1 {
		f.schema(f.at, "Exactly one comparison operator is required")
		return comparison
	}
	name := names[0]
	v, _ := f.get(name)
	if base, ok := strings.CutSuffix(name, "Path"); ok {
		comparison.Operator, comparison.Path = Operator(base), f.reference(name)
		return comparison
	}
	comparison.Operator, comparison.Value = Operator(name), v
	f.checkOperand(name, v)
	return comparison
}

func (f *fields) variable() string {
	if !f.has("Variable") {
		return ""
	}
	return f.reference("Variable")
}

// operators are the comparison operators among the members.
func (f *fields) operators() []string {
	var names []string
	for _, key := range f.object.Keys() {
		if isOperator(key) {
			f.known[key] = true
			names = append(names, key)
		}
	}
	return names
}

func isOperator(name string) bool {
	base, path := strings.CutSuffix(name, "Path")
	operand, ok := operands[Operator(base)]
	return ok && (!path || operand.path)
}

// operand says what an operator compares with, and whether it has a variant with "Path".
type operand struct {
	kind string
	path bool
}

var operands = operandTable()

func operandTable() map[Operator]operand {
	table := map[Operator]operand{StringMatches: {kind: "String"}, BooleanEquals: {kind: "Boolean", path: true}}
	for _, kind := range []string{"String", "Numeric", "Timestamp"} {
		for _, relation := range []string{"Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals"} {
			table[Operator(kind+relation)] = operand{kind: kind, path: true}
		}
	}
	for _, test := range []Operator{IsNull, IsPresent, IsNumeric, IsString, IsBoolean, IsTimestamp} {
		table[test] = operand{kind: "Boolean"}
	}
	return table
}

func (f *fields) checkOperand(name string, v jsonvalue.Value) {
	kind := operands[Operator(name)].kind
	if !isOperand(kind, v) {
		f.schema(f.place(name), "Expected value of type %s", kind)
	}
}

func isOperand(kind string, v jsonvalue.Value) bool {
	switch v := v.(type) {
	case bool:
		return kind == "Boolean"
	case json.Number:
		return kind == "Numeric"
	case string:
		if kind != "Timestamp" {
			return kind == "String"
		}
		_, err := ParseTimestamp(v)
		return err == nil
	}
	return false
}
