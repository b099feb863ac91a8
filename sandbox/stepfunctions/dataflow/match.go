package dataflow

import "strings"

// matches tells whether a string matches a pattern in which "*" stands for any characters, none included, and a
// backslash takes the meaning from "*" and from a backslash.
func matches(v, pattern Value) bool {
	text, ok1 := v.(string)
	wild, ok2 := pattern.(string)
	if !ok1 || !ok2 {
		return false
	}
	parts := literals(wild)
	if len(parts) == 1 {
		return text == parts[0]
	}
	text, ok := strings.CutPrefix(text, parts[0])
	if !ok {
		return false
	}
	last := len(parts) - 1
	for _, part := range parts[1:last] {
		i := strings.Index(text, part)
		if i < 0 {
			return false
		}
		text = text[i+len(part):]
	}
	return strings.HasSuffix(text, parts[last])
}

// literals are the parts of a pattern between its wildcards, unescaped.
func literals(pattern string) []string {
	parts := []string{""}
	for i := 0; i < len(pattern); i++ {
		switch {
		case pattern[i] == '*':
			parts = append(parts, "")
			continue
		case pattern[i] == '\\' && i+1 < len(pattern) && (pattern[i+1] == '*' || pattern[i+1] == '\\'):
			i++
		}
		parts[len(parts)-1] += pattern[i : i+1]
	}
	return parts
}
