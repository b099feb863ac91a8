package wrapper

import (
	"fmt"
	"hash/fnv"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/faas"
	"github.com/steptrace/steptrace/lambda-wrapper/internal/otlp"
)

// scope is the instrumentation scope of all spans made here.
const scope = "github.com/steptrace/steptrace/lambda-wrapper"

// telemetry is what one Wrap sets up and all invocations of its handler share.
type telemetry struct {
	cfg          config
	functionName string
	provider     *sdktrace.TracerProvider
	tracer       trace.Tracer
	sender       *sender
	extension    *extensionLoop
	concurrent   bool
	warm         atomic.Bool // has been invoked
	invoked      atomic.Pointer[invoked]
}

func newTelemetry(cfg config) *telemetry {
	client := &otlp.Client{URL: cfg.endpoint, Headers: cfg.headers, Compress: cfg.compress, HTTP: otlp.NewHTTPClient()}
	q := newQueue(cfg.queueSize)
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithSpanProcessor(q),
		sdktrace.WithResource(newResource(cfg)),
		sdktrace.WithSampler(cfg.sampler)) // nil leaves it to OTEL_TRACES_SAMPLER
	return &telemetry{
		cfg:          cfg,
		functionName: functionName(),
		concurrent:   concurrent(),
		provider:     provider,
		tracer:       provider.Tracer(scope),
		sender:       newSender(q, client.Post, cfg.exportTimeout, cfg.logger),
	}
}

// setGlobal lets spans that the function makes itself, through otel.Tracer, join the invocation's.
func (t *telemetry) setGlobal() {
	otel.SetTracerProvider(t.provider)
	otel.SetTextMapPropagator(t.cfg.propagator)
}

// openJournal keeps unsent spans over the process's end, in Lambda. Handlers are wrapped in the same order each time,
// which tells the files of one function apart.
func (t *telemetry) openJournal(number int) {
	if os.Getenv("AWS_LAMBDA_RUNTIME_API") == "" || t.cfg.journalDir == "" {
		return
	}
	name := fnv.New64a()
	_, _ = io.WriteString(name, t.functionName+"\n"+t.cfg.endpoint+"\n"+strconv.Itoa(number))
	path := filepath.Join(t.cfg.journalDir, fmt.Sprintf("steptrace-%x.journal", name.Sum64()))
	journal, backlog, err := openJournal(path)
	if err != nil {
		t.cfg.logger.Warn("steptrace: spans that are not sent yet are lost if the process ends", slog.Any("error", err))
		return
	}
	t.sender.queue.journal, t.sender.backlog = journal, backlog
}

// attach leaves sending to the extension; nil means that there is none.
func (t *telemetry) attach(e *extensionLoop) {
	t.extension = e
	e.serves(t)
}

// coldStart is true once, unless the environment was started ahead of demand.
func (t *telemetry) coldStart() bool {
	return !t.warm.Swap(true) && os.Getenv("AWS_LAMBDA_INITIALIZATION_TYPE") != "provisioned-concurrency"
}

func functionName() string {
	if lambdacontext.FunctionName != "" {
		return lambdacontext.FunctionName
	}
	return "lambda"
}

func newResource(cfg config) *resource.Resource {
	return faas.Resource(faas.Function{
		Name: functionName(), Version: lambdacontext.FunctionVersion,
		LogStream: lambdacontext.LogStreamName, MemoryMB: lambdacontext.MemoryLimitInMB,
	}, cfg.serviceName, cfg.logger)
}
