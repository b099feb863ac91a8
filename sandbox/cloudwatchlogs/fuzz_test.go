package cloudwatchlogs

import "testing"

// FuzzPattern: no pattern panics, and what the empty one matches is everything.
func FuzzPattern(f *testing.F) {
	for _, pattern := range []string{"", "a -b ?c", `"a b"`, `{ $.a.b = "x*" }`, `{$.n=7}`, "{", "[a]"} {
		f.Add(pattern, `{"a":{"b":"xy"},"n":7}`)
	}
	f.Fuzz(func(t *testing.T, text, message string) {
		matches, err := parsePattern(text)
		if err == nil && !matches(message) && text == "" {
			t.Fatal("the empty pattern matches everything")
		}
	})
}
