package asl

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/intrinsic"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonata"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonpath"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// pathText reads a member that must be a JSONPath.
func (f *fields) pathText(name string) string {
	text := f.text(name)
	path, err := jsonpath.Parse(text)
	switch {
	case err != nil:
		f.schema(f.place(name), "Value is not a valid JSONPath: %v", err)
	case name == "ResultPath" && (!path.IsReference() || path.Root != jsonpath.Input):
		f.schema(f.place(name), "Value is not a Reference Path: %s", text)
	}
	return text
}

// reference reads a member that must be a Reference Path.
func (f *fields) reference(name string) string {
	text := f.text(name)
	path, err := jsonpath.Parse(text)
	switch {
	case !strings.HasPrefix(text, "$"):
		f.schema(f.place(name), "Value is not a Reference Path: Reference path didn't start with '$'")
	case err != nil:
		f.schema(f.place(name), "Value is not a Reference Path: %v", err)
	case !path.IsReference():
		f.schema(f.place(name), "Value is not a Reference Path: %s selects more than one value", text)
	}
	return text
}

func (f *fields) isCall(name string) bool {
	v, _ := f.object.Get(name)
	text, _ := v.(string)
	if !intrinsic.Is(text) {
		return false
	}
	f.checkCall(f.place(name), name, text)
	return true
}

// checkTemplate reports the expressions in a payload template that cannot be parsed.
func (f *fields) checkTemplate(at string, v jsonvalue.Value) {
	switch v := v.(type) {
	case string:
		if f.lang == JSONata && jsonata.Is(v) {
			f.checkQuery(at, v)
		}
	case []jsonvalue.Value:
		for i, element := range v {
			f.checkTemplate(fmt.Sprintf("%s[%d]", at, i), element)
		}
	case *jsonvalue.Object:
		v.Range(func(key string, member jsonvalue.Value) bool {
			f.checkMember(at, key, member)
			return true
		})
	}
}

func (f *fields) checkMember(at, key string, member jsonvalue.Value) {
	if f.lang == JSONata || !strings.HasSuffix(key, ".$") {
		f.checkTemplate(at+"/"+key, member)
		return
	}
	text, ok := member.(string)
	switch {
	case !ok:
		f.schema(at, "The value for the field '%s' must be a STRING that contains a JSONPath but was %s",
			key, kind(member))
	case intrinsic.Is(text):
		f.checkCall(at, key, text)
	default:
		if _, err := jsonpath.Parse(text); err != nil {
			f.schema(at, "The value for the field '%s' must be a valid JSONPath or a valid intrinsic function call", key)
		}
	}
}

func kind(v jsonvalue.Value) string {
	switch v.(type) {
	case nil:
		return "NULL"
	case bool:
		return "BOOLEAN"
	case []jsonvalue.Value:
		return "ARRAY"
	case *jsonvalue.Object:
		return "OBJECT"
	}
	return "NUMBER"
}

func (f *fields) checkCall(at, key, text string) {
	if _, err := intrinsic.Parse(text); err != nil {
		f.schema(at, "The value for the field '%s' must be a valid JSONPath or a valid intrinsic function call (%v)",
			key, err)
	}
}

// code is what JSONata's messages begin with and Step Functions' do not.
var code = regexp.MustCompile(`^[A-Z]\d{4}: `)

func (f *fields) checkQuery(at, query string) {
	if _, err := jsonata.Parse(query); err != nil {
		f.schema(at, "%s", code.ReplaceAllString(err.Error(), ""))
	}
}
