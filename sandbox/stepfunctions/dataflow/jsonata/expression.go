// Package jsonata evaluates the JSONata expressions of Step Functions, "{% … %}", with github.com/recolabs/gnata and
// the functions that only Step Functions has: $parse, $partition, $range, $hash, $random with a seed, and $uuid.
// $eval is not there, as in Step Functions.
package jsonata

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/recolabs/gnata"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// Is tells whether a string is an expression, "{% … %}", rather than itself.
func Is(text string) bool {
	return len(text) >= len("{%%}") && strings.HasPrefix(text, "{%") && strings.HasSuffix(text, "%}")
}

// Expression is a parsed expression.
type Expression struct {
	Text string // without "{%", "%}" and the white space around

	compiled *gnata.Expression
}

// Parse reads an expression written as "{% … %}".
func Parse(text string) (*Expression, error) {
	if !Is(text) {
		return nil, fmt.Errorf("JSONata must be written as {%% … %%}, not %q", text)
	}
	e := &Expression{Text: strings.TrimSpace(text[2 : len(text)-2])}
	compiled, err := compile(e.Text)
	if err != nil {
		return nil, err
	}
	e.compiled = compiled
	return e, nil
}

// compile guards against a panic of the parser: definitions come from outside.
func compile(text string) (expression *gnata.Expression, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the expression cannot be parsed: %v", r)
		}
	}()
	return gnata.Compile(text)
}

// Errors of an evaluation that did not throw.
var (
	ErrUndefined   = errors.New("returned nothing (undefined)")
	ErrUnsupported = errors.New("returned an unsupported result type")
)

// ThrownError is what an expression threw.
type ThrownError struct {
	Message string // such as "T1006: Attempted to invoke a non-function"
}

func (e *ThrownError) Error() string { return "threw an error during evaluation" + e.separated() }

// coded are JSONata's own errors, which Step Functions sets off as a sentence.
var coded = regexp.MustCompile(`^[A-Z]\d{4}: `)

func (e *ThrownError) separated() string {
	if coded.MatchString(e.Message) {
		return ". " + e.Message
	}
	return ": " + e.Message
}

// maxDuration bounds an evaluation, which may recurse without end.
const maxDuration = 10 * time.Second

// Evaluate runs the expression. Its errors are ErrUndefined, ErrUnsupported and *ThrownError.
func (e *Expression) Evaluate(env *Environment) (jsonvalue.Value, error) {
	ctx, cancel := context.WithTimeout(context.Background(), maxDuration)
	defer cancel()
	result, err := env.evaluate(ctx, e.compiled)
	if err != nil {
		return nil, &ThrownError{Message: message(err)}
	}
	return fromGnata(result)
}

// wording puts gnata's messages in the words of JSONata's reference implementation, which Step Functions uses.
var wording = []struct {
	pattern *regexp.Regexp
	text    string
}{
	{regexp.MustCompile(`^T1006: .*`), `T1006: Attempted to invoke a non-function`},
	{regexp.MustCompile(`^T0410: \$(\w+): argument (\d+) .*`), `T0410: Argument $2 of ` + unsigned},
	{regexp.MustCompile(`^T0410: \$(\w+): .*`), `T0410: Argument 1 of ` + unsigned},
	{regexp.MustCompile(`^T0412: \$(\w+): .*`), `T0412: Argument 1 of function "$1" must be an array of "numbers"`},
}

const unsigned = `function "$1" does not match function signature`

func message(err error) string {
	text := err.Error()
	for _, w := range wording {
		if w.pattern.MatchString(text) {
			return w.pattern.ReplaceAllString(text, w.text)
		}
	}
	return text
}
