// Package macro makes a statement for the store out of SQL as it is written in Grafana: it expands macros outside of
// strings, quoted names and comments, and refuses what is not one statement that reads. It is pure.
package macro

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/steptrace/steptrace/store"
	"github.com/steptrace/steptrace/store/embedded/sqltext"
)

// ErrInvalid is returned for SQL that is not run.
var ErrInvalid = errors.New("invalid SQL")

const (
	maxText   = 50_000 // bytes, before and after expansion
	maxMacros = 1000
	maxNested = 8 // macros in arguments of macros
)

// Context is what macros stand for.
type Context struct {
	Since, Until time.Time
	Interval     time.Duration // whole seconds
}

// statements are the words that a statement which reads begins with.
var statements = []string{"SELECT", "WITH", "SHOW", "DESCRIBE", "DESC", "EXPLAIN"}

// Expand makes a statement of a text.
func Expand(text string, c Context) (store.Statement, error) {
	if len(text) > maxText {
		return store.Statement{}, fmt.Errorf("%w: %d bytes are too long: at most %d", ErrInvalid, len(text), maxText)
	}
	e := expansion{context: c, params: map[string]any{}}
	expanded, err := e.expand(text, 0)
	if err != nil {
		return store.Statement{}, err
	}
	parsed := sqltext.Parse(expanded) // as ClickHouse reads it: without macros
	if err := check(parsed); err != nil {
		return store.Statement{}, err
	}
	return store.Statement{SQL: parsed.Text, Params: e.params}, nil
}

// check refuses what is not one statement that reads. The store lets nothing else through either; here the message is
// a clear one.
func check(s sqltext.Statement) error {
	switch {
	case s.Keyword == "" && strings.TrimSpace(s.Text) == "":
		return fmt.Errorf("%w: it is empty", ErrInvalid)
	case s.Multiple:
		return fmt.Errorf("%w: more than one statement", ErrInvalid)
	case s.Unclosed:
		return fmt.Errorf("%w: a string, a quoted name or a comment is not closed", ErrInvalid)
	case strings.IndexByte(s.Text, 0) >= 0:
		return fmt.Errorf("%w: it holds a zero byte", ErrInvalid)
	case !slices.Contains(statements, s.Keyword):
		return fmt.Errorf("%w: it begins with %.40q, not with one of %s", ErrInvalid, s.Keyword,
			strings.Join(statements, ", "))
	case s.Format != "":
		return fmt.Errorf("%w: leave FORMAT out: the result becomes a data frame", ErrInvalid)
	case sqltext.Mentions(s.Text, "OUTFILE"):
		return fmt.Errorf("%w: INTO OUTFILE is not allowed", ErrInvalid)
	case sqltext.Mentions(s.Text, "SETTINGS") && (sqltext.Mentions(s.Text, "readonly") || sqltext.Mentions(s.Text, "profile")):
		return fmt.Errorf("%w: SETTINGS may not set readonly or profile", ErrInvalid)
	}
	return nil
}
