package macro

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/steptrace/steptrace/store/embedded/sqltext"
)

const prefix = "$__"

// expansion collects the parameters of a statement's macros.
type expansion struct {
	context Context
	params  map[string]any
	macros  int // seen
}

// macro is one macro: how many arguments it takes and what it becomes.
type macro struct {
	arguments int
	become    func(e *expansion, arguments []string) (string, error)
}

var macros = map[string]macro{
	"fromTime": {0, func(e *expansion, _ []string) (string, error) { return e.moment("from", e.context.Since), nil }},
	"toTime":   {0, func(e *expansion, _ []string) (string, error) { return e.moment("to", e.context.Until), nil }},
	"timeFilter": {1, func(e *expansion, a []string) (string, error) {
		return fmt.Sprintf("(%s >= %s AND %s < %s)",
			a[0], e.moment("from", e.context.Since), a[0], e.moment("to", e.context.Until)), nil
	}},
	"timeInterval": {1, func(e *expansion, a []string) (string, error) {
		return fmt.Sprintf("toStartOfInterval(%s, INTERVAL %s SECOND)", a[0], e.interval()), nil
	}},
	"interval_s": {0, func(e *expansion, _ []string) (string, error) { return e.interval(), nil }},
	"in":         {2, func(e *expansion, a []string) (string, error) { return e.in(a[0], a[1]) }},
}

// names are the macros as they are written.
func names() string {
	list := slices.Sorted(maps.Keys(macros))
	return prefix + strings.Join(list, ", "+prefix)
}

// tokens are those of ClickHouse's lexer, but that a macro is a word: $__a, $__a, $__a has the form of a here-document,
// the text ", " between the tag "$__a, $" and itself, until the macros are expanded.
func (e *expansion) tokens(text string) ([]sqltext.Token, error) {
	var list []sqltext.Token
	for base, depth, more := 0, 0, true; more; {
		more = false
		for t := range sqltext.Tokens(text[base:]) {
			t.Start, t.End, t.Depth = t.Start+base, t.End+base, t.Depth+depth
			if more = strings.HasPrefix(text[t.Start:t.End], prefix); more {
				if e.macros++; e.macros > maxMacros {
					return nil, fmt.Errorf("%w: more than %d macros", ErrInvalid, maxMacros)
				}
				t.Kind, t.End = sqltext.Word, t.Start+len(prefix)+nameLength(text[t.Start+len(prefix):])
				base, depth = t.End, t.Depth
			}
			list = append(list, t)
			if more {
				break
			}
		}
	}
	return list, nil
}

func nameLength(s string) int {
	n := strings.IndexFunc(s, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
	if n < 0 {
		return len(s)
	}
	return n
}

// expand puts what macros become in their places. Everything else stays byte for byte.
func (e *expansion) expand(text string, nested int) (string, error) {
	if nested > maxNested {
		return "", fmt.Errorf("%w: macros are nested more than %d deep", ErrInvalid, maxNested)
	}
	tokens, err := e.tokens(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	copied := 0
	for n := 0; n < len(tokens); n++ {
		name, isMacro := macroName(text, tokens[n])
		if !isMacro {
			continue
		}
		m, known := macros[name]
		if !known {
			return "", fmt.Errorf("%w: there is no macro %s%.60s: there are %s", ErrInvalid, prefix, name, names())
		}
		arguments, last, err := argumentsOf(text, tokens, n, name, m.arguments)
		if err != nil {
			return "", err
		}
		for k := range arguments[:min(1, len(arguments))] { // the first is SQL, the second a list
			if arguments[k], err = e.expand(arguments[k], nested+1); err != nil {
				return "", err
			}
		}
		became, err := m.become(e, arguments)
		if err != nil {
			return "", err
		}
		b.WriteString(text[copied:tokens[n].Start])
		b.WriteString(became)
		if b.Len() > maxText {
			return "", fmt.Errorf("%w: it is longer than %d bytes when macros are expanded", ErrInvalid, maxText)
		}
		copied, n = tokens[last].End, last
	}
	b.WriteString(text[copied:])
	return b.String(), nil
}

func macroName(text string, t sqltext.Token) (string, bool) {
	if t.Kind != sqltext.Word {
		return "", false
	}
	return strings.CutPrefix(text[t.Start:t.End], prefix)
}

// argumentsOf reads what stands in brackets behind the macro at tokens[at]; last is the closing bracket. A macro without
// arguments may have empty brackets. Comments around an argument are left out, for the macro goes on behind it.
func argumentsOf(text string, tokens []sqltext.Token, at int, name string, wanted int) (list []string, last int, err error) {
	next := at + 1
	opened := next < len(tokens) && text[tokens[next].Start:tokens[next].End] == "("
	if !opened && wanted == 0 {
		return nil, at, nil
	}
	if !opened {
		return nil, 0, fmt.Errorf("%w: %s%s wants (…) behind it", ErrInvalid, prefix, name)
	}
	begin := next + 1
	for n := begin; n < len(tokens); n++ {
		t := tokens[n]
		switch text[t.Start:t.End] {
		case ",":
			if t.Depth == tokens[next].Depth+1 {
				list = append(list, spanned(text, tokens[begin:n]))
				begin = n + 1
			}
		case ")":
			if t.Depth == tokens[next].Depth {
				if n > next+1 {
					list = append(list, spanned(text, tokens[begin:n]))
				}
				return complete(list, n, name, wanted)
			}
		}
	}
	return nil, 0, fmt.Errorf("%w: the bracket behind %s%s is not closed", ErrInvalid, prefix, name)
}

func complete(list []string, last int, name string, wanted int) ([]string, int, error) {
	if len(list) != wanted || slices.Contains(list, "") {
		return nil, 0, fmt.Errorf("%w: %s%s takes %d arguments, not %d", ErrInvalid, prefix, name, wanted, len(list))
	}
	return list, last, nil
}

// spanned is the text from the first token to the last.
func spanned(text string, tokens []sqltext.Token) string {
	if len(tokens) == 0 {
		return ""
	}
	return text[tokens[0].Start:tokens[len(tokens)-1].End]
}

// moment is a time as a parameter.
func (e *expansion) moment(end string, t time.Time) string {
	name := "steptrace_" + end
	e.params[name] = nanoseconds(t)
	return "fromUnixTimestamp64Nano({" + name + ":Int64})"
}

// nanoseconds are those of the nearest time that ClickHouse's nanoseconds reach.
func nanoseconds(t time.Time) int64 {
	earliest, latest := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2262, 1, 1, 0, 0, 0, 0, time.UTC)
	switch {
	case t.Before(earliest):
		return earliest.UnixNano()
	case t.After(latest):
		return latest.UnixNano()
	}
	return t.UnixNano()
}

// interval is a number that this process has computed.
func (e *expansion) interval() string {
	return fmt.Sprint(max(1, int64(e.context.Interval/time.Second)))
}
