package wrapper

import (
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// Option sets what Wrap and Start do; options win over the environment.
type Option func(*config)

// WithEndpoint sets the collector's base URL, http://host:4318 say; /v1/traces is added.
// Environment: OTEL_EXPORTER_OTLP_ENDPOINT, or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT for a whole URL.
func WithEndpoint(url string) Option {
	return func(c *config) { c.endpoint, c.endpointErr = tracesURL("WithEndpoint", url) }
}

// WithHeader adds a header to each export, an Authorization say. Environment: OTEL_EXPORTER_OTLP_HEADERS.
func WithHeader(name, value string) Option {
	return func(c *config) { c.headers.Set(name, value) }
}

// WithServiceName sets service.name, by default the function's name. Environment: OTEL_SERVICE_NAME.
func WithServiceName(name string) Option {
	return func(c *config) { c.serviceName = name }
}

// WithSampler decides which traces are recorded, by default all. Environment: OTEL_TRACES_SAMPLER.
func WithSampler(s sdktrace.Sampler) Option {
	return func(c *config) { c.sampler = s }
}

// WithPropagator sets how trace headers in events are read and how otel.GetTextMapPropagator writes them, by default as
// W3C's traceparent, tracestate and baggage. Environment: OTEL_PROPAGATORS, of tracecontext, baggage and none.
func WithPropagator(p propagation.TextMapPropagator) Option {
	return func(c *config) { c.propagator = p }
}

// WithExportTimeout bounds each export, by default 2 s. Environment: OTEL_EXPORTER_OTLP_TIMEOUT, in milliseconds.
func WithExportTimeout(d time.Duration) Option {
	return func(c *config) { c.exportTimeout = d }
}

// WithTimeoutMargin sets how long before the deadline unfinished spans are sent as timed out, by default 500 ms; never
// more than a quarter of the time an invocation has.
func WithTimeoutMargin(d time.Duration) Option {
	return func(c *config) { c.timeoutMargin = d }
}

// WithQueueSize bounds the ended spans kept while the collector is away, by default 2,048.
func WithQueueSize(spans int) Option {
	return func(c *config) { c.queueSize = spans }
}

// WithFlush sets when spans are sent, by default FlushEnd. Environment: STEPTRACE_FLUSH, of end, periodic and sync.
func WithFlush(p FlushPolicy) Option {
	return func(c *config) { c.flush = p }
}

// WithFlushEvery is WithFlush(FlushPeriodic) with limits of its own: a number of spans, by default 512, and how long
// the first of them may wait, by default 10 s. Environment: STEPTRACE_FLUSH_SPANS and STEPTRACE_FLUSH_INTERVAL (10s).
func WithFlushEvery(spans int, interval time.Duration) Option {
	return func(c *config) { c.flush, c.flushSpans, c.flushInterval = FlushPeriodic, spans, interval }
}

// WithPayloads records events, and responses that are no streams, on the invocation's span, redacted and then cut to so
// many bytes. By default they are not recorded. Environment: STEPTRACE_PAYLOADS, in bytes.
func WithPayloads(maxBytes int) Option {
	return func(c *config) { c.payloadLimit = maxBytes }
}

// WithRedactedNames adds to the names of members whose values are taken out of recorded payloads: those that contain
// one of these, whatever their case and punctuation. Environment: STEPTRACE_REDACT_NAMES, comma-separated.
func WithRedactedNames(names ...string) Option {
	return func(c *config) { c.redactedNames = append(c.redactedNames, names...) }
}

// WithRedaction sets what takes secrets out of recorded payloads instead of the built-in rules: it gets a payload and
// returns what may be recorded. The agent's rules are redact.New(redact.Rules{Defaults: true}).Text, of package
// github.com/steptrace/steptrace/agent/redact, which adds to the function's size.
func WithRedaction(redact func(payload string) string) Option {
	return func(c *config) { c.redaction = redact }
}

// WithoutFingerprints leaves out the hash of the event, by which who can guess an event can confirm it. Invocations are
// then joined to their attempts by request id or context object only. Environment: STEPTRACE_FINGERPRINTS=false.
func WithoutFingerprints() Option {
	return func(c *config) { c.noFingerprints = true }
}

// WithJournal sets where spans that are not sent yet are kept in a file of 1 MiB over the end of the process, by
// default /tmp; empty keeps none. Environment: STEPTRACE_JOURNAL; off keeps none.
func WithJournal(dir string) Option {
	return func(c *config) { c.journalDir = dir }
}

// WithLogger sets where the wrapper reports trouble, by default slog.Default().
func WithLogger(logger *slog.Logger) Option {
	return func(c *config) { c.logger = logger }
}

// WithHandlerOptions passes options to aws-lambda-go, lambda.WithEnableSIGTERM say.
func WithHandlerOptions(options ...lambda.Option) Option {
	return func(c *config) { c.handlerOptions = append(c.handlerOptions, options...) }
}

// config is what options and environment come to.
type config struct {
	endpoint       string // whole URL; empty turns tracing off
	endpointErr    error
	headers        http.Header
	compress       bool
	serviceName    string // empty: by OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES, or the function's name
	sampler        sdktrace.Sampler
	propagator     propagation.TextMapPropagator
	exportTimeout  time.Duration
	timeoutMargin  time.Duration
	queueSize      int
	payloadLimit   int // bytes; 0: payloads are not recorded
	redactedNames  []string
	redaction      func(string) string // instead of the built-in one
	noFingerprints bool
	journalDir     string // empty: no journal
	flush          FlushPolicy
	flushSpans     int
	flushInterval  time.Duration
	logger         *slog.Logger
	handlerOptions []lambda.Option
}

func newConfig(getenv func(string) string, options []Option) (config, error) {
	c := config{
		headers:       http.Header{},
		compress:      true,
		exportTimeout: 2 * time.Second,
		timeoutMargin: 500 * time.Millisecond,
		queueSize:     2048,
		journalDir:    os.TempDir(),
		flush:         FlushEnd,
		flushSpans:    flushSpans,
		flushInterval: flushInterval,
		logger:        slog.Default(),
	}
	envErr := c.readEnvironment(getenv)
	for _, option := range options {
		option(&c)
	}
	return c, firstError(c.endpointErr, envErr, checkFlush(c.flush))
}
