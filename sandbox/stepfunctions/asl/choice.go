package asl

import "github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"

// Choice is where a Choice state goes: to the Next of the first rule that holds, else to Default, else it fails.
type Choice struct {
	Rules   []Rule
	Default string // empty: none
}

// Rule is an entry of Choices.
type Rule struct {
	Comment   string
	Condition Condition
	Next      string
	Output    *Payload // JSONata
	Assign    *Payload
}

// Condition is one of And, Or, Not, Comparison (JSONPath) and Query (JSONata).
type Condition interface{ condition() }

// And holds when all of its conditions do.
type And []Condition

// Or holds when one of its conditions does.
type Or []Condition

// Not holds when its condition does not.
type Not struct{ Condition Condition }

// Comparison compares what Variable selects with a value, or with what a second path selects.
type Comparison struct {
	Variable string   // JSONPath
	Operator Operator // without the suffix "Path"
	Value    jsonvalue.Value
	Path     string // the path of a "…Path" operator; then Value is not used
}

// Query is a JSONata Condition: the string "{% … %}" or a literal boolean.
type Query struct {
	Value jsonvalue.Value
}

func (And) condition()        {}
func (Or) condition()         {}
func (Not) condition()        {}
func (Comparison) condition() {}
func (Query) condition()      {}

// Operator is a comparison operator of JSONPath choice rules.
type Operator string

// The comparison operators. All but the Is… and StringMatches ones have a variant with "Path".
const (
	StringEquals               Operator = "StringEquals"
	StringLessThan             Operator = "StringLessThan"
	StringGreaterThan          Operator = "StringGreaterThan"
	StringLessThanEquals       Operator = "StringLessThanEquals"
	StringGreaterThanEquals    Operator = "StringGreaterThanEquals"
	StringMatches              Operator = "StringMatches"
	NumericEquals              Operator = "NumericEquals"
	NumericLessThan            Operator = "NumericLessThan"
	NumericGreaterThan         Operator = "NumericGreaterThan"
	NumericLessThanEquals      Operator = "NumericLessThanEquals"
	NumericGreaterThanEquals   Operator = "NumericGreaterThanEquals"
	BooleanEquals              Operator = "BooleanEquals"
	TimestampEquals            Operator = "TimestampEquals"
	TimestampLessThan          Operator = "TimestampLessThan"
	TimestampGreaterThan       Operator = "TimestampGreaterThan"
	TimestampLessThanEquals    Operator = "TimestampLessThanEquals"
	TimestampGreaterThanEquals Operator = "TimestampGreaterThanEquals"
	IsNull                     Operator = "IsNull"
	IsPresent                  Operator = "IsPresent"
	IsNumeric                  Operator = "IsNumeric"
	IsString                   Operator = "IsString"
	IsBoolean                  Operator = "IsBoolean"
	IsTimestamp                Operator = "IsTimestamp"
)
