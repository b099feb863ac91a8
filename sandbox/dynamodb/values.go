package dynamodb

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// The library keeps numbers as float64 and loses empty lists, maps and binaries. So values that would not come back as
// they went in are boxed on the way to it and unboxed on the way out.
const (
	boxedNumber = "\x00N:" // a string with this prefix holds a number that float64 cannot
	boxedBinary = "\x00B"  // this string is an empty binary
	boxedEmpty  = "\x00E"  // this string in a list, or this name in a map, is nothing: the list or map may be empty
)

// box rewrites every attribute value of a request.
func box(body []byte) ([]byte, error) {
	value, err := decode(body)
	if err != nil {
		return nil, awswire.Errorf("SerializationException", "%v", err)
	}
	boxed, err := rewrite(value, boxValue)
	if err != nil {
		return nil, err
	}
	return json.Marshal(boxed)
}

// unbox is the reverse, on an answer.
func unbox(body []byte) ([]byte, error) {
	if !bytes.Contains(body, []byte(`\u0000`)) {
		return body, nil
	}
	value, err := decode(body)
	if err != nil {
		return nil, err
	}
	unboxed, err := rewrite(value, unboxValue)
	if err != nil {
		return nil, err
	}
	return json.Marshal(unboxed)
}

func decode(body []byte) (value any, err error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	err = decoder.Decode(&value)
	return value, err
}

// rewrite applies change to every object with one member, innermost first: attribute values are such objects.
func rewrite(value any, change func(kind string, value any) (map[string]any, error)) (any, error) {
	var err error
	switch value := value.(type) {
	case []any:
		for i := range value {
			if value[i], err = rewrite(value[i], change); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		for name := range value {
			if value[name], err = rewrite(value[name], change); err != nil {
				return nil, err
			}
		}
		for name, member := range value {
			if len(value) == 1 {
				return change(name, member)
			}
		}
	}
	return value, nil
}

func boxValue(kind string, value any) (map[string]any, error) {
	switch inner := value.(type) {
	case string:
		return boxScalar(kind, inner)
	case []any:
		if kind == "L" && len(inner) == 0 {
			value = []any{map[string]any{"S": boxedEmpty}}
		}
		if kind == "NS" {
			return map[string]any{kind: value}, checkNumberSet(inner)
		}
	case map[string]any:
		if kind == "M" && len(inner) == 0 {
			value = map[string]any{boxedEmpty: map[string]any{"BOOL": true}}
		}
	}
	return map[string]any{kind: value}, nil
}

func boxScalar(kind, text string) (map[string]any, error) {
	switch {
	case kind == "N" && !isFloat64(text):
		return map[string]any{"S": boxedNumber + text}, nil
	case kind == "B" && text == "":
		return map[string]any{"S": boxedBinary}, nil
	}
	return map[string]any{kind: text}, nil
}

func checkNumberSet(numbers []any) error {
	for _, number := range numbers {
		if text, ok := number.(string); ok && !isFloat64(text) {
			return awswire.Errorf("ValidationException",
				"The sandbox cannot hold %.60s in a number set: it has more than a float64's digits", text)
		}
	}
	return nil
}

func unboxValue(kind string, value any) (map[string]any, error) {
	switch inner := value.(type) {
	case string:
		if number, ok := strings.CutPrefix(inner, boxedNumber); ok && kind == "S" {
			return map[string]any{"N": number}, nil
		}
		if kind == "S" && inner == boxedBinary {
			return map[string]any{"B": ""}, nil
		}
	case []any:
		if kind == "L" {
			value = withoutEmpty(inner)
		}
	case map[string]any:
		if kind == "M" {
			delete(inner, boxedEmpty)
		}
	}
	return map[string]any{kind: value}, nil
}

func withoutEmpty(list []any) []any {
	out := make([]any, 0, len(list))
	for _, element := range list {
		if object, ok := element.(map[string]any); !ok || object["S"] != boxedEmpty {
			out = append(out, element)
		}
	}
	return out
}

// isFloat64 tells whether a decimal survives float64 and its shortest decimal form. What is no number does, too: the
// library refuses it.
func isFloat64(text string) bool {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return true
	}
	return normal(text) == normal(strconv.FormatFloat(f, 'e', -1, 64))
}

// decimal is ±0.digits × 10^exponent, digits without zeros at either end.
type decimal struct {
	negative bool
	digits   string
	exponent int
}

func normal(text string) (out decimal) {
	text, out.negative = strings.CutPrefix(strings.TrimPrefix(text, "+"), "-")
	mantissa, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	out.exponent, _ = strconv.Atoi(exponent)
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	out.exponent += len(whole) - (len(whole) + len(fraction) - len(digits))
	out.digits = strings.TrimRight(digits, "0")
	if out.digits == "" {
		return decimal{}
	}
	return out
}
