// Package intrinsic parses and evaluates the intrinsic functions of Step Functions, such as
// States.Format('Hello {}', $.name), of the JSONPath query language.
//
// What AWS documents and what its recorded executions show beyond that: objects and arrays inside States.Format are
// written as Java writes maps and lists, States.StringSplit takes every character of the separator as a separator and
// drops empty parts, and numbers that must be whole are rounded.
// Source: https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
package intrinsic

import (
	"fmt"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonpath"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// Call is a parsed call of an intrinsic function.
type Call struct {
	Text string // as written
	Name string // such as "States.Format"
	Args []Argument
}

// Argument is a literal, a path or a nested call: exactly one of them.
type Argument struct {
	Value jsonvalue.Value // number, boolean, null
	Raw   *string         // string literal, its escapes still in it
	Path  *jsonpath.Path
	Call  *Call
}

// Environment is what calls depend on beside their arguments.
type Environment struct {
	Resolve func(*jsonpath.Path) (jsonvalue.Value, error)
	Random  func() float64 // in [0,1)
	NewUUID func() string
}

// Error is a failure of a function itself, States.IntrinsicFailure. A path that cannot be resolved passes on the
// resolver's error instead.
type Error struct {
	Call   *Call
	Reason string
}

func (e *Error) Error() string {
	return fmt.Sprintf("The function '%s' had the following error: %s", e.Call.Text, e.Reason)
}

// Evaluate runs the call.
func (c *Call) Evaluate(env Environment) (jsonvalue.Value, error) {
	args := make([]jsonvalue.Value, len(c.Args))
	for i, arg := range c.Args {
		v, err := arg.evaluate(env)
		if err != nil {
			return nil, err
		}
		args[i] = v
	}
	v, err := functions[c.Name].run(&invocation{call: c, args: args, env: env})
	if err != nil {
		return nil, &Error{Call: c, Reason: err.Error()}
	}
	return v, nil
}

func (a Argument) evaluate(env Environment) (jsonvalue.Value, error) {
	switch {
	case a.Call != nil:
		return a.Call.Evaluate(env)
	case a.Path != nil:
		return env.Resolve(a.Path)
	case a.Raw != nil:
		return unescape(*a.Raw), nil
	}
	return a.Value, nil
}

// Paths are the paths among the arguments, those of nested calls too.
func (c *Call) Paths() []*jsonpath.Path {
	var paths []*jsonpath.Path
	for _, arg := range c.Args {
		switch {
		case arg.Path != nil:
			paths = append(paths, arg.Path)
		case arg.Call != nil:
			paths = append(paths, arg.Call.Paths()...)
		}
	}
	return paths
}
