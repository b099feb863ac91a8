package main

import (
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/propagation"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/faas"
	"github.com/steptrace/steptrace/lambda-wrapper/internal/otlp"
)

// settings are what the environment's variables come to.
type settings struct {
	endpoints    map[otlp.Signal]string // whole URLs; none turns the layer off
	headers      http.Header
	compress     bool
	timeout      time.Duration
	propagator   propagation.TextMapPropagator
	fingerprints bool
	function     faas.Function
	provisioned  bool
	concurrent   bool
}

// readSettings reads the variables that the wrapper for Go reads. STEPTRACE_ENDPOINT is for functions whose OTEL_*
// variables are for their own SDK.
func readSettings(getenv func(string) string, logger *slog.Logger) (settings, error) {
	s := settings{
		compress:     otlp.Setting(getenv, otlp.Traces, "COMPRESSION") != "none",
		propagator:   propagatorOf(getenv("OTEL_PROPAGATORS"), logger),
		fingerprints: !strings.EqualFold(getenv("STEPTRACE_FINGERPRINTS"), "false"),
		function:     functionOf(getenv),
		provisioned:  getenv("AWS_LAMBDA_INITIALIZATION_TYPE") == "provisioned-concurrency",
		concurrent:   concurrent(getenv),
	}
	var err error
	if s.endpoints, err = endpointsOf(getenv); err != nil {
		return s, err
	}
	headers := otlp.Setting(getenv, otlp.Traces, "HEADERS")
	if getenv("STEPTRACE_ENDPOINT") != "" {
		headers = getenv("STEPTRACE_HEADERS")
	}
	if s.headers, err = otlp.ParseHeaders(headers); err != nil {
		return s, err
	}
	s.timeout, err = otlp.ParseTimeout(otlp.Setting(getenv, otlp.Traces, "TIMEOUT"))
	return s, err
}

func endpointsOf(getenv func(string) string) (map[otlp.Signal]string, error) {
	if otlp.Disabled(getenv) {
		return nil, nil
	}
	base := getenv("STEPTRACE_ENDPOINT")
	own := base != ""
	if !own {
		base = getenv("OTEL_EXPORTER_OTLP_ENDPOINT")
	}
	endpoints := map[otlp.Signal]string{}
	for _, signal := range []otlp.Signal{otlp.Traces, otlp.Logs, otlp.Metrics} {
		url, err := otlp.SignalURL(base, signal)
		if whole := getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"); whole != "" && !own && signal == otlp.Traces {
			url, err = otlp.CheckURL(whole)
		}
		if err != nil {
			return nil, fmt.Errorf("correct STEPTRACE_ENDPOINT or OTEL_EXPORTER_OTLP_[TRACES_]ENDPOINT: %w", err)
		}
		if url != "" {
			endpoints[signal] = url
		}
	}
	return endpoints, nil
}

func functionOf(getenv func(string) string) faas.Function {
	f := faas.Function{Name: getenv("AWS_LAMBDA_FUNCTION_NAME"), Version: getenv("AWS_LAMBDA_FUNCTION_VERSION")}
	if f.Name == "" {
		f.Name = "lambda"
	}
	f.MemoryMB, _ = strconv.Atoi(getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")) // 0 is "unknown"
	return f
}

// propagatorOf reads a list like tracecontext,baggage. The other formats are the SDK's business alone.
func propagatorOf(list string, logger *slog.Logger) propagation.TextMapPropagator {
	if strings.TrimSpace(list) == "" {
		return propagation.TraceContext{}
	}
	for name := range strings.SplitSeq(list, ",") {
		if strings.TrimSpace(name) == "tracecontext" {
			return propagation.TraceContext{}
		}
	}
	logger.Info("steptrace: OTEL_PROPAGATORS leaves out tracecontext; trace headers in events are not read")
	return propagation.NewCompositeTextMapPropagator()
}
