package intrinsic

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// escapable are the characters that a backslash may stand before in a string literal; elsewhere it stands for itself.
const escapable = `'{}\`

func unescape(raw string) string {
	var out strings.Builder
	for i := 0; i < len(raw); i++ {
		if raw[i] == '\\' && i+1 < len(raw) && strings.IndexByte(escapable, raw[i+1]) >= 0 {
			i++
		}
		out.WriteByte(raw[i])
	}
	return out.String()
}

// format fills the placeholders {} of its template, the first argument, with the others.
func format(in *invocation) (jsonvalue.Value, error) {
	template, err := in.template()
	if err != nil {
		return nil, err
	}
	var out strings.Builder
	args := in.args[1:]
	for i := 0; i < len(template); i++ {
		switch {
		case template[i] == '\\' && i+1 < len(template) && strings.IndexByte(escapable, template[i+1]) >= 0:
			i++
			out.WriteByte(template[i])
		case strings.HasPrefix(template[i:], "{}"):
			if len(args) == 0 {
				return nil, errors.New("there are fewer arguments than placeholders {}")
			}
			out.WriteString(javaText(args[0]))
			args = args[1:]
			i++
		case template[i] == '{' || template[i] == '}':
			return nil, fmt.Errorf("the template has a '%c' without its counterpart; write '\\%[1]c'", template[i])
		default:
			out.WriteByte(template[i])
		}
	}
	if len(args) > 0 {
		return nil, errors.New("there are more arguments than placeholders {}")
	}
	return out.String(), nil
}

// template is the first argument with its escapes still in it, if it is a literal.
func (in *invocation) template() (string, error) {
	if raw := in.call.Args[0].Raw; raw != nil {
		return *raw, nil
	}
	return in.text(0)
}

// javaText is a value as Java's String.valueOf writes it: maps as {k=v, k=v}, lists as [a, b].
func javaText(v jsonvalue.Value) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(v)
	case json.Number:
		return v.String()
	case string:
		return v
	case []jsonvalue.Value:
		elements := make([]string, len(v))
		for i, element := range v {
			elements[i] = javaText(element)
		}
		return "[" + strings.Join(elements, ", ") + "]"
	}
	var members []string
	v.(*jsonvalue.Object).Range(func(key string, member jsonvalue.Value) bool {
		members = append(members, key+"="+javaText(member))
		return true
	})
	return "{" + strings.Join(members, ", ") + "}"
}
