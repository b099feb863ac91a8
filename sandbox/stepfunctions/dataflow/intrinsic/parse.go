package intrinsic

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonpath"
)

// maxNesting is how deep calls may be nested.
const maxNesting = 10

// Is tells whether the text of a payload template's field is a call rather than a path.
func Is(text string) bool { return strings.HasPrefix(text, "States.") }

// Parse reads a call.
func Parse(text string) (*Call, error) {
	p := &parser{text: text}
	call, err := p.call(1)
	if err == nil {
		if p.space(); p.at < len(text) {
			err = p.unexpected()
		}
	}
	if err != nil {
		return nil, fmt.Errorf("intrinsic function %q: %w", text, err)
	}
	return call, nil
}

type parser struct {
	text string
	at   int // index of what comes next
}

func (p *parser) rest() string { return p.text[p.at:] }

func (p *parser) space() {
	p.at = len(p.text) - len(strings.TrimLeft(p.rest(), " \t\r\n"))
}

func (p *parser) take(token string) bool {
	p.space()
	if !strings.HasPrefix(p.rest(), token) {
		return false
	}
	p.at += len(token)
	return true
}

func (p *parser) unexpected() error {
	if p.at >= len(p.text) {
		return errors.New("it ends too early")
	}
	return fmt.Errorf("unexpected %q", p.rest())
}

func (p *parser) call(depth int) (*Call, error) {
	if depth > maxNesting {
		return nil, fmt.Errorf("more than %d nested functions", maxNesting)
	}
	p.space()
	start := p.at
	name, _, ok := strings.Cut(p.rest(), "(")
	if !ok {
		return nil, errors.New("'(' is missing")
	}
	p.at += len(name) + 1
	call := &Call{Name: strings.TrimSpace(name)}
	function, known := functions[call.Name]
	if !known {
		return nil, fmt.Errorf("there is no function %q", call.Name)
	}
	args, err := p.arguments(depth)
	if err != nil {
		return nil, err
	}
	call.Args, call.Text = args, p.text[start:p.at]
	if n := len(args); n < function.least || n > function.most {
		return nil, fmt.Errorf("wrong number of arguments for %s: %d", call.Name, n)
	}
	return call, nil
}

// arguments reads up to and with the closing parenthesis.
func (p *parser) arguments(depth int) ([]Argument, error) {
	if p.take(")") {
		return nil, nil
	}
	var args []Argument
	for {
		arg, err := p.argument(depth)
		if err != nil {
			return nil, err
		}
		args = append(args, arg)
		switch {
		case p.take(","):
		case p.take(")"):
			return args, nil
		default:
			return nil, p.unexpected()
		}
	}
}

func (p *parser) argument(depth int) (Argument, error) {
	p.space()
	switch rest := p.rest(); {
	case strings.HasPrefix(rest, "'"):
		raw, err := p.literal()
		return Argument{Raw: &raw}, err
	case strings.HasPrefix(rest, "$"):
		path, err := p.path()
		return Argument{Path: path}, err
	case Is(rest):
		call, err := p.call(depth + 1)
		return Argument{Call: call}, err
	}
	return p.scalar()
}

// literal reads a string in single quotes and leaves its escapes in it.
func (p *parser) literal() (string, error) {
	for i := p.at + 1; i < len(p.text); i++ {
		switch p.text[i] {
		case '\\':
			i++
		case '\'':
			raw := p.text[p.at+1 : i]
			p.at = i + 1
			return raw, nil
		}
	}
	return "", errors.New("a string is not closed with '")
}

// path reads a path: up to the comma or parenthesis behind it that is not in brackets or quotes.
func (p *parser) path() (*jsonpath.Path, error) {
	end, depth := p.at, 0
	for ; end < len(p.text); end++ {
		c := p.text[end]
		if depth == 0 && (c == ',' || c == ')') {
			break
		}
		switch c {
		case '\'', '"':
			end = closingQuote(p.text, end)
		case '[', '(':
			depth++
		case ']', ')':
			depth--
		}
	}
	end = min(end, len(p.text))
	path, err := jsonpath.Parse(strings.TrimSpace(p.text[p.at:end]))
	p.at = end
	return path, err
}

// closingQuote is the index of the quote that closes the one at start, or the text's length.
func closingQuote(text string, start int) int {
	for i := start + 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case text[start]:
			return i
		}
	}
	return len(text)
}

// scalar reads a number, true, false or null.
func (p *parser) scalar() (Argument, error) {
	end := strings.IndexAny(p.rest(), ",) \t\r\n")
	if end <= 0 {
		return Argument{}, p.unexpected()
	}
	token := p.rest()[:end]
	d := json.NewDecoder(strings.NewReader(token))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil || d.More() {
		return Argument{}, p.unexpected()
	}
	switch v.(type) {
	case nil, bool, json.Number:
		p.at += end
		return Argument{Value: v}, nil
	}
	return Argument{}, p.unexpected()
}
