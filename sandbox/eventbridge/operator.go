package eventbridge

import (
	"encoding/json"
	"fmt"
	"math/big"
	"net/netip"
	"slices"
	"strings"
)

// compileOperator compiles a filter like {"prefix": "a"}, which has one member.
func compileOperator(in map[string]any) (filter, error) {
	if len(in) != 1 {
		return nil, invalid("Only one key allowed in match expression")
	}
	for name, operand := range in {
		switch name {
		case "exists":
			return compileExists(operand)
		case "numeric":
			return compileNumeric(operand)
		case "anything-but":
			return compileAnythingBut(operand)
		case "cidr":
			return compileCIDR(operand)
		}
		test, err := compileText(name, operand)
		return onText(test), err
	}
	panic("unreachable: the map has one member")
}

func compileExists(operand any) (filter, error) {
	want, ok := operand.(bool)
	if !ok {
		return nil, invalid("exists match pattern must be either true or false.")
	}
	return func(_ any, present bool) bool { return present == want }, nil
}

// compileText compiles the operators on strings.
func compileText(name string, operand any) (func(string) bool, error) {
	fold := false
	if nested, ok := operand.(map[string]any); ok && (name == "prefix" || name == "suffix") && len(nested) == 1 {
		operand, fold = nested["equals-ignore-case"], true
	}
	want, ok := operand.(string)
	if !ok {
		return nil, invalid("%s match pattern must be a string", name)
	}
	switch name {
	case "prefix":
		return affix(want, fold, strings.HasPrefix), nil
	case "suffix":
		return affix(want, fold, strings.HasSuffix), nil
	case "equals-ignore-case":
		return func(value string) bool { return strings.EqualFold(value, want) }, nil
	case "wildcard":
		return compileWildcard(want)
	}
	return nil, invalid("Unrecognized match type %s", name)
}

func affix(want string, fold bool, has func(string, string) bool) func(string) bool {
	if !fold {
		return func(value string) bool { return has(value, want) }
	}
	want = strings.ToLower(want)
	return func(value string) bool { return has(strings.ToLower(value), want) }
}

func onText(test func(string) bool) filter {
	return func(value any, present bool) bool {
		text, ok := value.(string)
		return present && ok && test(text)
	}
}

// compileWildcard splits at the asterisks; a backslash makes the next asterisk or backslash plain.
func compileWildcard(text string) (func(string) bool, error) {
	parts, err := wildcardParts(text)
	if err != nil {
		return nil, err
	}
	return func(value string) bool { return matchParts(parts, value) }, nil
}

func wildcardParts(text string) ([]string, error) {
	var part strings.Builder
	var parts []string
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '*' && i > 0 && text[i-1] == '*' && len(parts) > 0 && part.Len() == 0:
			return nil, invalid("Consecutive wildcard characters at pos %d", i-1)
		case text[i] == '*':
			parts = append(parts, part.String())
			part.Reset()
		case text[i] == '\\' && i+1 < len(text) && (text[i+1] == '*' || text[i+1] == '\\'):
			i++
			part.WriteByte(text[i])
		case text[i] == '\\':
			return nil, invalid("Invalid escape character at pos %d", i)
		default:
			part.WriteByte(text[i])
		}
	}
	return append(parts, part.String()), nil
}

// matchParts takes the first part as prefix, the last as suffix and finds the rest in order: linear, no backtracking.
func matchParts(parts []string, value string) bool {
	if len(parts) == 1 {
		return value == parts[0]
	}
	rest, ok := strings.CutPrefix(value, parts[0])
	if !ok {
		return false
	}
	last := len(parts) - 1
	for _, part := range parts[1:last] {
		if _, rest, ok = strings.Cut(rest, part); !ok {
			return false
		}
	}
	return strings.HasSuffix(rest, parts[last])
}

func compileCIDR(operand any) (filter, error) {
	text, _ := operand.(string)
	network, err := netip.ParsePrefix(text)
	if err != nil {
		return nil, invalid("Malformed CIDR, one '/' required")
	}
	return onText(func(value string) bool {
		address, err := netip.ParseAddr(value)
		return err == nil && network.Contains(address.Unmap())
	}), nil
}

// compileAnythingBut compiles {"anything-but": value | [values] | {"prefix"|"suffix"|…: text or texts}}.
func compileAnythingBut(operand any) (filter, error) {
	if nested, ok := operand.(map[string]any); ok {
		return compileButText(nested)
	}
	values, ok := operand.([]any)
	if !ok {
		values = []any{operand}
	}
	for _, value := range values {
		switch value.(type) {
		case string, json.Number:
		default:
			return nil, invalid("Inside anything but list, start|null|boolean is not supported.")
		}
	}
	if len(values) == 0 {
		return nil, invalid("Empty arrays are not allowed")
	}
	return func(value any, present bool) bool { return present && !slices.Contains(values, value) }, nil
}

func compileButText(in map[string]any) (filter, error) {
	if len(in) != 1 {
		return nil, invalid("Only one key allowed in match expression")
	}
	var tests []func(string) bool
	for name, operand := range in {
		operands, ok := operand.([]any)
		if !ok {
			operands = []any{operand}
		}
		for _, operand := range operands {
			test, err := compileText(name, operand)
			if err != nil {
				return nil, err
			}
			tests = append(tests, test)
		}
	}
	return func(value any, present bool) bool {
		text, ok := value.(string)
		return present && !(ok && slices.ContainsFunc(tests, func(test func(string) bool) bool { return test(text) }))
	}, nil
}

// comparisons tell from the sign of value − bound.
var comparisons = map[string]func(sign int) bool{
	"=":  func(sign int) bool { return sign == 0 },
	"<":  func(sign int) bool { return sign < 0 },
	"<=": func(sign int) bool { return sign <= 0 },
	">":  func(sign int) bool { return sign > 0 },
	">=": func(sign int) bool { return sign >= 0 },
}

// compileNumeric compiles {"numeric": [">", 0, "<=", 5]}.
func compileNumeric(operand any) (filter, error) {
	list, _ := operand.([]any)
	if len(list) != 2 && len(list) != 4 {
		return nil, invalid("Value of numeric must be an array of one or two comparisons.")
	}
	var tests []func(*big.Float) bool
	for i := 0; i < len(list); i += 2 {
		name, _ := list[i].(string)
		compare := comparisons[name]
		bound, err := number(list[i+1])
		if compare == nil || err != nil {
			return nil, invalid("%v %v is not a numeric comparison", list[i], list[i+1])
		}
		tests = append(tests, func(value *big.Float) bool { return compare(value.Cmp(bound)) })
	}
	return func(value any, present bool) bool {
		n, err := number(value)
		return present && err == nil &&
			!slices.ContainsFunc(tests, func(test func(*big.Float) bool) bool { return !test(n) })
	}, nil
}

// maxDigits bounds the text of a number: EventBridge compares numbers of at most ±5.0e9 with 15 digits.
const maxDigits = 64

func number(value any) (*big.Float, error) {
	text, ok := value.(json.Number)
	if !ok || len(text) > maxDigits {
		return nil, fmt.Errorf("%v is not a number", value)
	}
	n, _, err := big.ParseFloat(text.String(), 10, 128, big.ToNearestEven)
	return n, err
}
