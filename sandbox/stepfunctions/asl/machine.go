// Package asl is the definition model of Step Functions: the Amazon States Language, read and validated.
//
// Parse turns a definition into a StateMachine or a *DefinitionError that lists every problem with its place, as
// CreateStateMachine does. What a state machine carries but does not say how to evaluate (payload templates, paths,
// JSONata expressions) is kept as written; package dataflow evaluates it. The package does no I/O.
package asl

import "github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"

// QueryLanguage is how the states of a machine select and shape data.
type QueryLanguage string

// The query languages; JSONPath is the default.
const (
	JSONPath QueryLanguage = "JSONPath"
	JSONata  QueryLanguage = "JSONata"
)

// StateMachine is a whole definition, a branch of a Parallel state or the item processor of a Map state.
type StateMachine struct {
	Comment        string
	Version        string
	QueryLanguage  QueryLanguage // the default of its states; never empty after Parse
	StartAt        string
	TimeoutSeconds int64 // of the whole execution; 0 is none
	States         map[string]*State

	// Processor is how a Map state runs this machine over its items; the zero value elsewhere.
	Processor ProcessorConfig
	// Source is an item processor as it was written; nil elsewhere.
	Source *jsonvalue.Object
}

// ProcessorConfig is an item processor's mode.
type ProcessorConfig struct {
	Mode          string // "INLINE" (the default for Map states) or "DISTRIBUTED"
	ExecutionType string // "STANDARD" or "EXPRESS"; distributed only
}

// Modes of an item processor.
const (
	Inline      = "INLINE"
	Distributed = "DISTRIBUTED"
)
