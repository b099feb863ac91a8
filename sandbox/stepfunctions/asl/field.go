package asl

import "github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"

// Path is InputPath, OutputPath or ResultPath. Parse fills in the default "$"; null in the definition is Null, which
// stands for {} as input or output and discards a result.
type Path struct {
	Null       bool
	Expression string
}

// Payload is JSON in a definition in which expressions may stand: in JSONPath members whose name ends in ".$", in
// JSONata strings "{% … %}". A nil *Payload is an absent field, so null can be told apart.
type Payload struct {
	Value jsonvalue.Value
}

// Int is a whole number that a definition gives in one of three ways.
type Int struct {
	Field string // as the definition spells it: "TimeoutSeconds", "TimeoutSecondsPath"
	Value int64  // literal, if both of the others are empty
	Path  string // JSONPath, from the field's variant with "Path"
	Query string // JSONata "{% … %}"
}

// Float is a number that a definition gives in one of three ways, as Int does.
type Float struct {
	Field string
	Value float64
	Path  string
	Query string
}

// Text is a string that a definition gives in one of three ways. Path may be an intrinsic function where
// Step Functions allows one (ErrorPath, CausePath).
type Text struct {
	Field string
	Value string
	Path  string
	Query string
}
