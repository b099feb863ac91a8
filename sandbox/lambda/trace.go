package lambda

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// traceHeader completes an X-Amzn-Trace-Id for an invocation: what the caller sent stays, what it left out is made.
func traceHeader(given string, now time.Time) string {
	fields := map[string]bool{}
	for part := range strings.SplitSeq(given, ";") {
		key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		fields[key] = value != ""
	}
	header := strings.Trim(strings.TrimSpace(given), ";")
	if !fields["Root"] {
		header = fmt.Sprintf("Root=1-%08x-%s", now.Unix(), randomHex(12))
		fields = map[string]bool{}
	}
	if !fields["Parent"] {
		header += ";Parent=" + randomHex(8)
	}
	if !fields["Sampled"] {
		header += ";Sampled=0"
	}
	return header
}

func randomHex(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
