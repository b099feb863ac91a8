package redact

import (
	"regexp"
	"strings"
)

// The forms of secrets that are known whatever their name.
var (
	privateKey = regexp.MustCompile(
		`(?s)-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|$)`)
	userInfo    = regexp.MustCompile(`://[^/?#\s"'<>\\]+@`)
	httpScheme  = regexp.MustCompile(`(?i)\b(bearer|basic)(\s+)([\w.~+/=-]{6,})`)
	webToken    = regexp.MustCompile(`\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)*`)
	accessKeyID = regexp.MustCompile(`\b(?:AKIA|ASIA)[A-Z0-9]{16}\b`)
)

// replaceKnown looks for a form only where a text has what is quickly found of it.
func replaceKnown(s string) string {
	if strings.Contains(s, "-----BEGIN ") {
		s = privateKey.ReplaceAllLiteralString(s, Replacement)
	}
	if strings.Contains(s, "://") && strings.IndexByte(s, '@') >= 0 {
		s = userInfo.ReplaceAllLiteralString(s, "://"+Replacement+"@")
	}
	if hasScheme(s) {
		s = httpScheme.ReplaceAllStringFunc(s, withoutCredentials)
	}
	if strings.Contains(s, "eyJ") {
		s = webToken.ReplaceAllLiteralString(s, Replacement)
	}
	if strings.Contains(s, "AKIA") || strings.Contains(s, "ASIA") {
		s = accessKeyID.ReplaceAllLiteralString(s, Replacement)
	}
	return s
}

func hasScheme(s string) bool {
	for _, word := range []string{"earer", "EARER", "asic", "ASIC"} {
		if strings.Contains(s, word) {
			return true
		}
	}
	return false
}

// withoutCredentials takes them out of "Bearer …" and "Basic …", but leaves prose like "basic authentication".
func withoutCredentials(s string) string {
	const longerThanWords = 20
	m := httpScheme.FindStringSubmatch(s)
	if len(m[3]) < longerThanWords && !strings.ContainsAny(m[3], "0123456789=") {
		return s
	}
	return m[1] + m[2] + Replacement
}
