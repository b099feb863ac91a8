package asl

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

const schemaFailed = "SCHEMA_VALIDATION_FAILED"

// problems gathers what is wrong with a definition.
type problems struct {
	found []Problem
}

func (p *problems) schema(at, format string, args ...any) {
	p.add(schemaFailed, at, format, args...)
}

func (p *problems) add(code, at, format string, args ...any) {
	p.found = append(p.found, Problem{Code: code, Message: fmt.Sprintf(format, args...), Location: at})
}

// fields reads the members of one object of a definition and notes which it has read, so that done can name the rest.
type fields struct {
	*problems
	at     string
	object *jsonvalue.Object
	known  map[string]bool

	lang        QueryLanguage // of the state
	machineLang QueryLanguage // what states inherit, those of nested machines too
}

func newFields(p *problems, at string, v jsonvalue.Value) *fields {
	object, ok := v.(*jsonvalue.Object)
	if !ok {
		p.schema(at, "Expected value of type Object")
	}
	return &fields{
		problems: p, at: at, object: object, known: map[string]bool{}, lang: JSONPath, machineLang: JSONPath,
	}
}

// within reads the object v that stands at a place inside this one, in the same query language.
func (f *fields) within(at string, v jsonvalue.Value) *fields {
	inner := newFields(f.problems, at, v)
	inner.lang, inner.machineLang = f.lang, f.machineLang
	return inner
}

func (f *fields) place(name string) string { return f.at + "/" + name }

func (f *fields) get(name string) (jsonvalue.Value, bool) {
	f.known[name] = true
	return f.object.Get(name)
}

func (f *fields) has(name string) bool {
	_, ok := f.object.Get(name)
	return ok
}

// done reports the members that nobody read.
func (f *fields) done() {
	for _, key := range f.object.Keys() {
		if !f.known[key] {
			f.schema(f.at, "Field '%s' is not supported", key)
		}
	}
}

func (f *fields) require(names ...string) {
	var missing []string
	for _, name := range names {
		if !f.has(name) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 && f.object != nil {
		f.schema(f.at, "These fields are required: [%s]", strings.Join(missing, ", "))
	}
}

// oneOf reports when more than one of the members are there and returns how many are.
func (f *fields) oneOf(names ...string) int {
	count := 0
	for _, name := range names {
		if f.has(name) {
			count++
		}
	}
	if count > 1 {
		f.schema(f.at, "There should only be one of the following fields: [%s]", strings.Join(names, ", "))
	}
	return count
}

// only reports a member that belongs to the other query language.
func (f *fields) only(lang QueryLanguage, names ...string) {
	for _, name := range names {
		if f.has(name) && f.lang != lang {
			f.known[name] = true
			f.schema(f.at, "The QueryLanguage is set to '%s', but field '%s' is only supported for the '%s' QueryLanguage",
				f.lang, name, lang)
		}
	}
}

func (f *fields) text(name string) string {
	v, ok := f.get(name)
	if !ok {
		return ""
	}
	s, ok := v.(string)
	if !ok {
		f.schema(f.place(name), "Expected value of type String")
	}
	return s
}

func (f *fields) flag(name string) bool {
	v, ok := f.get(name)
	if !ok {
		return false
	}
	b, ok := v.(bool)
	if !ok {
		f.schema(f.place(name), "Expected value of type Boolean")
	}
	return b
}

func (f *fields) list(name string) []jsonvalue.Value {
	v, ok := f.get(name)
	if !ok {
		return nil
	}
	array, ok := v.([]jsonvalue.Value)
	if !ok {
		f.schema(f.place(name), "Expected value of type Array")
	}
	return array
}

func (f *fields) texts(name string) []string {
	list := f.list(name)
	texts := make([]string, 0, len(list))
	for i, v := range list {
		s, ok := v.(string)
		if !ok {
			f.schema(fmt.Sprintf("%s[%d]", f.place(name), i), "Expected value of type String")
		}
		texts = append(texts, s)
	}
	return texts
}

// member reads a member that is an object; it is nil when there is none.
func (f *fields) member(name string) *fields {
	v, ok := f.get(name)
	if !ok {
		return nil
	}
	return f.within(f.place(name), v)
}

// whole reads an integer literal within bounds, or gives the default when it is absent.
func (f *fields) whole(name string, fallback, least, most int64) int64 {
	v, ok := f.get(name)
	if !ok {
		return fallback
	}
	return f.wholeValue(name, v, least, most)
}

func (f *fields) wholeValue(name string, v jsonvalue.Value, least, most int64) int64 {
	number, _ := v.(json.Number)
	n, err := number.Int64()
	switch {
	case err != nil:
		f.schema(f.place(name), "Expected value of type Integer")
	case n < least:
		f.schema(f.place(name), "Minimum value is %d", least)
	case n > most:
		f.schema(f.place(name), "Maximum value is %d", most)
	}
	return n
}

// number reads a number literal within bounds, or gives the default when it is absent.
func (f *fields) number(name string, fallback, least, most float64) float64 {
	v, ok := f.get(name)
	if !ok {
		return fallback
	}
	return f.numberValue(name, v, least, most)
}

func (f *fields) numberValue(name string, v jsonvalue.Value, least, most float64) float64 {
	number, _ := v.(json.Number)
	n, err := number.Float64()
	switch {
	case err != nil:
		f.schema(f.place(name), "Expected value of type Number")
	case n < least:
		f.schema(f.place(name), "Minimum value is %.1f", least)
	case n > most:
		f.schema(f.place(name), "Maximum value is %.1f", most)
	}
	return n
}

// choice reads a string that must be one of the given ones; the first is the default.
func (f *fields) choice(name string, allowed ...string) string {
	if !f.has(name) {
		return allowed[0]
	}
	s := f.text(name)
	for _, a := range allowed {
		if s == a {
			return s
		}
	}
	f.schema(f.place(name), "Value is not one of: [%s]", strings.Join(allowed, ", "))
	return s
}
