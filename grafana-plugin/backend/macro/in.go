package macro

import (
	"bytes"
	"encoding/json"
	"fmt"
)

const maxValues = 1000 // of one list

// in is a condition that a column has one of the values of a list, which travels as one JSON text: in arrays ClickHouse
// reads escapes twice. A list without values stands for a variable that nothing is chosen of, and is true.
func (e *expansion) in(column, list string) (string, error) {
	values, err := valuesOf(list)
	if err != nil {
		return "", err
	}
	if len(values) == 0 {
		return "1", nil
	}
	text, err := json.Marshal(values)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	name := fmt.Sprintf("steptrace_in_%d", len(e.params))
	e.params[name] = string(text)
	return column + " IN (SELECT arrayJoin(JSONExtract({" + name + ":String}, 'Array(String)')))", nil
}

// valuesOf reads a JSON list of texts, numbers and booleans, or one of these alone, as Grafana writes a variable with
// one value.
func valuesOf(list string) ([]string, error) {
	d := json.NewDecoder(bytes.NewReader([]byte(list)))
	d.UseNumber()
	var found any
	if err := d.Decode(&found); err != nil || d.More() {
		return nil, fmt.Errorf(`%w: %sin: %.100q is not JSON such as ["a","b"]: write ${variable:json}, and in an alert `+
			"rule, where there are no variables, the list itself", ErrInvalid, prefix, list)
	}
	all, isList := found.([]any)
	if !isList {
		all = []any{found}
	}
	if len(all) > maxValues {
		return nil, fmt.Errorf("%w: %sin: %d values are too many: at most %d", ErrInvalid, prefix, len(all), maxValues)
	}
	values := make([]string, 0, len(all))
	for _, v := range all {
		switch v := v.(type) {
		case string:
			values = append(values, v)
		case json.Number, bool:
			values = append(values, fmt.Sprint(v))
		default:
			return nil, fmt.Errorf("%w: %sin: the list holds %T, not only texts and numbers", ErrInvalid, prefix, v)
		}
	}
	return values, nil
}
