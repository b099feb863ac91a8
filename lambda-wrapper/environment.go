package wrapper

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/propagation"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/otlp"
)

// readEnvironment reads the standard OTEL_* variables; those of sampler and resource the SDK reads itself.
// Source: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables and …/protocol/exporter
func (c *config) readEnvironment(getenv func(string) string) error {
	c.endpoint, c.endpointErr = endpointOf(getenv)
	c.compress = otlp.Setting(getenv, otlp.Traces, "COMPRESSION") != "none"
	if protocol := otlp.Setting(getenv, otlp.Traces, "PROTOCOL"); protocol != "" && protocol != "http/protobuf" {
		c.logger.Warn("steptrace: only OTLP over http/protobuf is spoken; using it",
			slog.String("OTEL_EXPORTER_OTLP_PROTOCOL", protocol))
	}
	c.propagator = c.propagatorOf(getenv("OTEL_PROPAGATORS"))
	headers, err := otlp.ParseHeaders(otlp.Setting(getenv, otlp.Traces, "HEADERS"))
	if err != nil {
		return err
	}
	c.headers = headers
	c.exportTimeout, err = otlp.ParseTimeout(otlp.Setting(getenv, otlp.Traces, "TIMEOUT"))
	return firstError(err, c.readOwn(getenv))
}

// readOwn reads what has no standard variable.
func (c *config) readOwn(getenv func(string) string) error {
	if policy := getenv("STEPTRACE_FLUSH"); policy != "" {
		c.flush = FlushPolicy(policy)
	}
	c.noFingerprints = strings.EqualFold(getenv("STEPTRACE_FINGERPRINTS"), "false")
	if names := getenv("STEPTRACE_REDACT_NAMES"); names != "" {
		c.redactedNames = strings.Split(names, ",")
	}
	switch dir := getenv("STEPTRACE_JOURNAL"); dir {
	case "":
	case "off":
		c.journalDir = ""
	default:
		c.journalDir = dir
	}
	return firstError(
		setPositive(&c.payloadLimit, "STEPTRACE_PAYLOADS", getenv, strconv.Atoi, "a positive number of bytes"),
		setPositive(&c.flushSpans, "STEPTRACE_FLUSH_SPANS", getenv, strconv.Atoi, "a positive number"),
		setPositive(&c.flushInterval, "STEPTRACE_FLUSH_INTERVAL", getenv, time.ParseDuration, "a duration like 10s"),
		setPositive(&c.timeoutMargin, "STEPTRACE_TIMEOUT_MARGIN", getenv, time.ParseDuration, "a duration like 500ms"),
		setPositive(&c.queueSize, "STEPTRACE_QUEUE_SIZE", getenv, strconv.Atoi, "a positive number"))
}

// setPositive sets a value if its variable is set.
func setPositive[T ~int | ~int64](to *T, name string, getenv func(string) string, parse func(string) (T, error),
	kind string,
) error {
	text := getenv(name)
	if text == "" {
		return nil
	}
	v, err := parse(text)
	if err != nil || v <= 0 {
		return fmt.Errorf("%s is %q; it must be %s", name, text, kind)
	}
	*to = v
	return nil
}

// propagatorOf reads a list like tracecontext,baggage. Formats that are not linked into the function are left out.
func (c *config) propagatorOf(list string) propagation.TextMapPropagator {
	if strings.TrimSpace(list) == "" {
		list = "tracecontext,baggage"
	}
	var all []propagation.TextMapPropagator
	for _, name := range strings.Split(list, ",") {
		switch name = strings.TrimSpace(name); name {
		case "tracecontext":
			all = append(all, propagation.TraceContext{})
		case "baggage":
			all = append(all, propagation.Baggage{})
		case "none", "":
		default:
			c.logger.Warn("steptrace: OTEL_PROPAGATORS names a format that is not built in; give it by WithPropagator",
				slog.String("propagator", name))
		}
	}
	return propagation.NewCompositeTextMapPropagator(all...)
}

func endpointOf(getenv func(string) string) (string, error) {
	if otlp.Disabled(getenv) {
		return "", nil
	}
	if whole := getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"); whole != "" {
		checked, err := otlp.CheckURL(whole)
		return checked, setBy("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", err)
	}
	return tracesURL("OTEL_EXPORTER_OTLP_ENDPOINT", getenv("OTEL_EXPORTER_OTLP_ENDPOINT"))
}

// tracesURL completes a base URL that was set by something; an empty one stays empty.
func tracesURL(by, base string) (string, error) {
	url, err := otlp.SignalURL(base, otlp.Traces)
	return url, setBy(by, err)
}

func setBy(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("correct %s: %w", name, err)
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
