package redact

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// DefaultKeys are the patterns of keys whose values are secret by default; they match whole words of a key, whatever
// their case.
func DefaultKeys() []string {
	return []string{
		`\w*passw(or)?d\w*`, `\w*pass[-_ ]?phrases?`, `pwd`,
		`\w*secrets?`, `\w*secret[-_ ]?(string|value|key|binary)s?`,
		`\w*token[-_ ]?(id|value|data|string|key|hash)?[-_\d]*$`,
		`\w*(access|api|auth|bearer|id|refresh|security|session)[-_ ]?tokens`,
		`authorization`, `^auth$`, `^bearer$`, `jwt$`, `^otp$`, `\w*mfa[-_ ]?code`,
		`\w*cookies?`, `^session$`, `\w*session[-_ ]?(id|key|secret)`,
		`\w*credentials?`, `\w*(api|access|private|encryption|signing|account|shared)[-_ ]?keys?([-_ ]?id)?`,
		`\w*connection[-_ ]?strings?`, `signature$`,
	}
}

// The forms of a matcher: where in a key the words of a pattern lie. %s is the alternation of all patterns.
const (
	wordAnywhere = `(?i)(?:^|[^a-z])(?:%s)(?:[^a-z]|$)`
	wordAtEnd    = `(?i)(?:^|[^a-z])(?:%s)[^a-z]*$`
)

// checkKeys names each pattern that is no regular expression.
func checkKeys(patterns []string) error {
	var errs []error
	for i, p := range patterns {
		if _, err := regexp.Compile(p); err != nil || p == "" {
			errs = append(errs, fmt.Errorf("keys::%d: %q is not a regular expression (RE2) of keys", i, p))
		}
	}
	return errors.Join(errs...)
}

// matcher says whether a key is one of those whose values are secret. Payloads repeat few keys, so it remembers.
type matcher struct {
	re *regexp.Regexp // nil: no key is

	mu    sync.RWMutex
	known map[string]bool
}

// Bounds of what a matcher remembers.
const (
	maxKnown    = 4096 // keys
	maxKnownKey = 64   // bytes
)

func newMatcher(form string, patterns []string) (*matcher, error) {
	if len(patterns) == 0 {
		return &matcher{}, nil
	}
	groups := make([]string, len(patterns))
	for i, p := range patterns {
		groups[i] = "(?:" + p + ")"
	}
	re, err := regexp.Compile(fmt.Sprintf(form, strings.Join(groups, "|")))
	if err != nil {
		return nil, fmt.Errorf("keys: the patterns together are no regular expression, use fewer or simpler ones: %w", err)
	}
	return &matcher{re: re, known: make(map[string]bool)}, nil
}

func (m *matcher) match(key string) bool {
	if m.re == nil {
		return false
	}
	m.mu.RLock()
	secret, ok := m.known[key]
	m.mu.RUnlock()
	if ok {
		return secret
	}
	secret = m.re.MatchString(key)
	if words := separated(key); !secret && words != key {
		secret = m.re.MatchString(words)
	}
	m.remember(key, secret)
	return secret
}

func (m *matcher) remember(key string, secret bool) {
	if len(key) > maxKnownKey {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.known) >= maxKnown {
		clear(m.known)
	}
	m.known[strings.Clone(key)] = secret // not to hold on to the payload
}

// separated puts _ between the words of camelCase: apiKey and APIKey become api_Key and API_Key.
func separated(key string) string {
	var out strings.Builder
	for i := range len(key) {
		if i > 0 && isUpper(key[i]) && (!isUpper(key[i-1]) || i+1 < len(key) && isLower(key[i+1])) {
			out.WriteByte('_')
		}
		out.WriteByte(key[i])
	}
	return out.String()
}

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }

func isLower(c byte) bool { return 'a' <= c && c <= 'z' }
