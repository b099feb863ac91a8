package redact

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"
)

// quoted is Replacement as a JSON value.
const quoted = `"` + Replacement + `"`

// walk goes through a valid JSON text once and notes what to replace in it.
type walk struct {
	redactor *Redactor
	src      string
	pos      int
	embedded int // in how many JSON texts this one lies
	edits    []edit
}

// edit replaces src[from:to].
type edit struct {
	from, to int
	with     string
}

// document redacts a valid JSON text.
func (r *Redactor) document(src string, embedded int) string {
	if nesting(src) > maxNesting {
		return quoted
	}
	w := walk{redactor: r, src: src, embedded: embedded}
	w.value(r.selected(src), false)
	return w.applied()
}

// applied makes the edits; one around others replaces them.
func (w *walk) applied() string {
	if len(w.edits) == 0 {
		return w.src
	}
	slices.SortStableFunc(w.edits, func(a, b edit) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(b.to, a.to))
	})
	var out strings.Builder
	done := 0
	for _, e := range w.edits {
		if e.from >= done {
			out.WriteString(w.src[done:e.from])
			out.WriteString(e.with)
			done = e.to
		}
	}
	out.WriteString(w.src[done:])
	return out.String()
}

// takeOut replaces a value, but leaves null: that there is nothing is no secret.
func (w *walk) takeOut(from, to int) {
	if w.src[from:to] != "null" {
		w.edits = append(w.edits, edit{from, to, quoted})
	}
}

// value goes through the value at pos.
func (w *walk) value(at *place, secret bool) {
	w.space()
	if secret || at != nil && at.selected {
		from := w.pos
		w.pos = valueEnd(w.src, from)
		w.takeOut(from, w.pos)
		return
	}
	switch w.src[w.pos] {
	case '{':
		w.object(at)
	case '[':
		w.array(at)
	case '"':
		w.string()
	default:
		w.pos = valueEnd(w.src, w.pos)
	}
}

func (w *walk) object(at *place) {
	var p pair
	for w.pos++; w.next('}'); {
		key := w.text()
		w.space()
		w.pos++ // the colon
		w.space()
		from := w.pos
		w.value(at.member(key), w.redactor.keys.match(key))
		p.note(w, key, from)
	}
	w.pos++
	if p.isSecret(w.redactor.keys) {
		w.takeOut(p.from, p.to)
	}
}

func (w *walk) array(at *place) {
	i := 0
	for w.pos++; w.next(']'); i++ {
		w.value(at.element(i), false)
	}
	w.pos++
}

// next goes to the next member or element, and is false at the end of its container.
func (w *walk) next(end byte) bool {
	w.space()
	if w.src[w.pos] == ',' {
		w.pos++
		w.space()
	}
	return w.src[w.pos] != end
}

// string looks for secrets in a string, which may be a JSON text of its own.
func (w *walk) string() {
	from := w.pos
	content := w.text()
	if redacted := w.redactor.text(content, w.embedded+1); redacted != content {
		w.edits = append(w.edits, edit{from, w.pos, quote(redacted)})
	}
}

// text passes the string at pos and returns its content.
func (w *walk) text() string {
	from := w.pos
	w.pos = valueEnd(w.src, from)
	return unquote(w.src[from:w.pos])
}

func (w *walk) space() {
	for w.pos < len(w.src) && isSpace(w.src[w.pos]) {
		w.pos++
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// pair is an object that has a key and its value as members, as lists of environment variables, headers and tags do.
type pair struct {
	keys     []string // as JSON strings
	from, to int      // where the value is
}

func (p *pair) note(w *walk, key string, from int) {
	switch strings.ToLower(key) {
	case "name", "key":
		if w.src[from] == '"' {
			p.keys = append(p.keys, w.src[from:w.pos])
		}
	case "value", "values":
		p.from, p.to = from, w.pos
	}
}

func (p *pair) isSecret(keys *matcher) bool {
	return p.to > 0 && slices.ContainsFunc(p.keys, func(key string) bool { return keys.match(unquote(key)) })
}

// nesting is how many containers deep a valid JSON text is.
func nesting(src string) (deepest int) {
	depth := 0
	for pos := 0; pos < len(src); pos++ {
		switch src[pos] {
		case '"':
			pos = stringEnd(src, pos) - 1
		case '{', '[':
			depth++
			deepest = max(deepest, depth)
		case '}', ']':
			depth--
		}
	}
	return deepest
}

// valueEnd is where the value that begins at pos ends.
func valueEnd(src string, pos int) int {
	switch src[pos] {
	case '"':
		return stringEnd(src, pos)
	case '{', '[':
		return containerEnd(src, pos)
	}
	if length := strings.IndexAny(src[pos:], ",]} \t\r\n"); length >= 0 {
		return pos + length
	}
	return len(src)
}

func containerEnd(src string, pos int) int {
	for depth := 0; ; pos++ {
		switch src[pos] {
		case '"':
			pos = stringEnd(src, pos) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return pos + 1
			}
		}
	}
}

func stringEnd(src string, pos int) int {
	for pos++; src[pos] != '"'; pos++ {
		if src[pos] == '\\' {
			pos++
		}
	}
	return pos + 1
}

func unquote(src string) string {
	raw := src[1 : len(src)-1]
	if strings.IndexByte(raw, '\\') < 0 && utf8.ValidString(raw) {
		return raw
	}
	var s string
	_ = json.Unmarshal([]byte(src), &s) // it is a valid JSON string
	return s
}

func quote(s string) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(s) // a string into memory cannot fail
	return strings.TrimSuffix(out.String(), "\n")
}
