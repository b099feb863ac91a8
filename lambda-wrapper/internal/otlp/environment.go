package otlp

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Signal is a kind of telemetry, as the path of its endpoint names it.
type Signal string

// The signals of OTLP.
const (
	Traces  Signal = "traces"
	Logs    Signal = "logs"
	Metrics Signal = "metrics"
)

// Path is where a collector takes the signal.
func (s Signal) Path() string { return "/v1/" + string(s) }

// DefaultTimeout bounds an export unless OTEL_EXPORTER_OTLP_TIMEOUT is set.
const DefaultTimeout = 2 * time.Second

// Setting reads OTEL_EXPORTER_OTLP_name for the signal, or the one for all signals.
// Source: https://opentelemetry.io/docs/specs/otel/protocol/exporter
func Setting(getenv func(string) string, s Signal, name string) string {
	if v := getenv("OTEL_EXPORTER_OTLP_" + strings.ToUpper(string(s)) + "_" + name); v != "" {
		return v
	}
	return getenv("OTEL_EXPORTER_OTLP_" + name)
}

// Disabled tells whether the standard variables turn tracing off.
func Disabled(getenv func(string) string) bool {
	return strings.EqualFold(getenv("OTEL_SDK_DISABLED"), "true") || getenv("OTEL_TRACES_EXPORTER") == "none"
}

// SignalURL completes a base URL; an empty one stays empty.
func SignalURL(base string, s Signal) (string, error) {
	if base == "" {
		return "", nil
	}
	return CheckURL(strings.TrimRight(base, "/") + s.Path())
}

// CheckURL returns s if it can be an endpoint.
func CheckURL(s string) (string, error) {
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return "", fmt.Errorf("the OTLP endpoint %q is not a URL like http://host:4318", s)
	}
	return s, nil
}

// ParseHeaders reads name=value,name=value with percent-encoded values. Errors do not repeat values, which are secret.
func ParseHeaders(list string) (http.Header, error) {
	headers := http.Header{}
	for i, pair := range strings.Split(list, ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		name, encoded, found := strings.Cut(pair, "=")
		value, err := url.PathUnescape(strings.TrimSpace(encoded))
		name = strings.TrimSpace(name)
		if !found || err != nil || !isHeaderName(name) || strings.ContainsFunc(value, isControl) {
			return nil, fmt.Errorf("entry %d of the OTLP headers (OTEL_EXPORTER_OTLP_HEADERS or STEPTRACE_HEADERS) is not "+
				"name=value, percent-encoded", i+1)
		}
		headers.Set(name, value)
	}
	return headers, nil
}

// isHeaderName and isControl are about what net/http refuses to send.
func isHeaderName(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(c rune) bool {
		return c <= ' ' || c >= 0x7f || strings.ContainsRune(`()<>@,;:\"/[]?={}`, c)
	})
}

func isControl(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }

// maxTimeout is more than an invocation can take.
const maxTimeout = time.Hour

// ParseTimeout reads a number of milliseconds; nothing is the default.
func ParseTimeout(milliseconds string) (time.Duration, error) {
	if milliseconds == "" {
		return DefaultTimeout, nil
	}
	n, err := strconv.Atoi(milliseconds)
	if err != nil || n <= 0 {
		return 0, fmt.Errorf("OTEL_EXPORTER_OTLP_TIMEOUT is %q; it must be a positive number of milliseconds", milliseconds)
	}
	return time.Duration(min(n, int(maxTimeout/time.Millisecond))) * time.Millisecond, nil
}
