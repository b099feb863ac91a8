package sqltext

import "strings"

// Mentions reports whether a text may hold a bare word, in any case, outside of strings.
//
// It errs to yes: where comments or here-documents make it possible that the engine sees strings elsewhere than
// this package does, any appearance counts.
func Mentions(text, word string) bool {
	if !strings.Contains(strings.ToLower(text), strings.ToLower(word)) {
		return false
	}
	if hasAmbiguity(text) {
		return true
	}
	for t := range Tokens(text) {
		if is(text, t, word) {
			return true
		}
	}
	return false
}

func hasAmbiguity(text string) bool {
	for _, mark := range []string{"/*", "--", "//", "#", "$", "‘", "“"} {
		if strings.Contains(text, mark) {
			return true
		}
	}
	return false
}
