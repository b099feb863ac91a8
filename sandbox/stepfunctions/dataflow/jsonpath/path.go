// Package jsonpath evaluates the JSONPaths of Step Functions. Parsing and filters are github.com/theory/jsonpath
// (RFC 9535); what Step Functions has beside the RFC is here: paths into the context object ("$$.Execution.Id") and
// into variables ("$name.member"), names that need no quotes ("$.detail-type"), values in their written order, and the
// rule that a definite path gives a value where any other gives a list.
//
// Step Functions uses Jayway's JsonPath. Its functions (".length()") are not supported there either; of its filter
// operators those beyond RFC 9535 ("=~", "in", …) are refused here.
package jsonpath

import (
	"fmt"
	"strings"

	"github.com/theory/jsonpath"
	"github.com/theory/jsonpath/spec"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// Root is where a path starts.
type Root int

// The roots of paths.
const (
	Input    Root = iota // "$": the state's input or result
	Context              // "$$": the context object
	Variable             // "$name": a variable
)

// Path is a parsed path.
type Path struct {
	Text     string
	Root     Root
	Variable string // the variable's name when Root is Variable

	query    *spec.PathQuery
	definite bool
}

// maxLength bounds a path's text.
const maxLength = 8192

// Parse reads a path that begins with "$".
func Parse(text string) (*Path, error) {
	if !strings.HasPrefix(text, "$") {
		return nil, fmt.Errorf("JSONPath %q does not begin with '$'", text)
	}
	if len(text) > maxLength {
		return nil, fmt.Errorf("JSONPath is over %d bytes", maxLength)
	}
	path := &Path{Text: text}
	segments, err := normalize(path.takeRoot(text))
	if err != nil {
		return nil, fmt.Errorf("JSONPath %q: %w", text, err)
	}
	parsed, err := jsonpath.Parse("$" + segments)
	if err != nil {
		return nil, fmt.Errorf("JSONPath %q: %w", text, err)
	}
	path.query = parsed.Query()
	path.definite = path.query.Singular() != nil
	return path, nil
}

// takeRoot notes the root and returns the text behind it.
func (p *Path) takeRoot(text string) string {
	rest := text[1:]
	if after, ok := strings.CutPrefix(rest, "$"); ok {
		p.Root = Context
		return after
	}
	end := strings.IndexAny(rest, ".[")
	if end < 0 {
		end = len(rest)
	}
	if end > 0 {
		p.Root, p.Variable = Variable, rest[:end]
	}
	return rest[end:]
}

// Definite tells whether the path points to at most one value, so that it gives the value and not a list.
func (p *Path) Definite() bool { return p.definite }

// IsReference tells whether the path is a Reference Path: definite, so usable where a path names a place.
func (p *Path) IsReference() bool { return p.definite }

// Value is what the path selects: the value itself if the path is definite, else the list of all. A definite path that
// leads nowhere is a *MissingError.
func (p *Path) Value(root jsonvalue.Value) (jsonvalue.Value, error) {
	if p.definite {
		return p.follow(root)
	}
	return p.selectAll(root)
}
