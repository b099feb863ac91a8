package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/beside"
	"github.com/steptrace/steptrace/lambda-wrapper/internal/extension"
	"github.com/steptrace/steptrace/lambda-wrapper/internal/otlp"
	"github.com/steptrace/steptrace/lambda-wrapper/layer/internal/adopt"
	"github.com/steptrace/steptrace/lambda-wrapper/layer/internal/invocation"
	"github.com/steptrace/steptrace/lambda-wrapper/layer/internal/outbox"
	"github.com/steptrace/steptrace/lambda-wrapper/layer/internal/receiver"
	"github.com/steptrace/steptrace/lambda-wrapper/layer/internal/runtimeapi"
)

// layer is everything between the function's runtime, its SDK, Lambda and the collector.
type layer struct {
	cfg      settings
	logger   *slog.Logger
	started  time.Time
	log      *invocation.Log
	http     *http.Client
	outboxes map[otlp.Signal]*outbox.Outbox
	proxy    *runtimeapi.Proxy
	servers  []*http.Server
	apiAddr  string
	otlpAddr string
	runtime  *runtimeWatch

	received, receivedLogs inbox

	placingBeside, sendingBeside beside.Task

	warnOnce sync.Once

	placing sync.Mutex // guards what is below
	family  *adopt.Family
	spans   *invocation.Spans // made at the first invocation
	inits   []invocation.InitFailure
}

func newLayer(cfg settings, logger *slog.Logger) *layer {
	l := &layer{
		cfg: cfg, logger: logger, started: time.Now(), log: invocation.NewLog(cfg.provisioned),
		http: otlp.NewHTTPClient(), outboxes: map[otlp.Signal]*outbox.Outbox{}, family: adopt.NewFamily(),
	}
	for _, signal := range []otlp.Signal{otlp.Traces, otlp.Logs, otlp.Metrics} {
		var post func(context.Context, []byte) error
		if url := cfg.endpoints[signal]; url != "" {
			post = (&otlp.Client{URL: url, Headers: cfg.headers, Compress: cfg.compress, HTTP: l.http}).Post
		}
		l.outboxes[signal] = outbox.New(signal, post, cfg.timeout, logger)
	}
	return l
}

// events are what the extension subscribes to. An environment of several concurrent invocations has no INVOKE.
func (l *layer) events() []string {
	switch {
	case l == nil:
		return nil
	case l.cfg.concurrent:
		return []string{extension.Shutdown}
	default:
		return []string{extension.Invoke, extension.Shutdown}
	}
}

// otlpPort is where SDKs send to unless they are told otherwise.
const otlpPort = "127.0.0.1:4318"

// listen opens the two servers on loopback. Any port will do for them, for the exec wrapper is told.
func (l *layer) listen(ctx context.Context, api string) error {
	hooks := runtimeapi.Hooks{Asked: l.asked, Invoked: l.log.Begin, Answered: l.answered, InitFailed: l.initFailed}
	l.proxy = runtimeapi.New(api, hooks, l.logger)
	var err error
	if l.apiAddr, err = l.open(ctx, "127.0.0.1:0", l.proxy); err != nil {
		return err
	}
	otlpReceiver := &receiver.Receiver{Take: l.take}
	if l.otlpAddr, err = l.open(ctx, otlpPort, otlpReceiver); err == nil {
		return nil
	}
	l.logger.Info("steptrace: port 4318 is taken; OTLP is received on another", slog.Any("error", err))
	if l.otlpAddr, err = l.open(ctx, "127.0.0.1:0", otlpReceiver); err != nil {
		l.close()
	}
	return err
}

func (l *layer) open(ctx context.Context, address string, handler http.Handler) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return "", fmt.Errorf("listen on loopback: %w", err)
	}
	// No time limits: a runtime waits for its next invocation for as long as it takes, and time passes in a freeze.
	server := &http.Server{ //nolint:gosec // see above
		Handler: handler, ErrorLog: slog.NewLogLogger(l.logger.Handler(), slog.LevelWarn),
	}
	l.servers = append(l.servers, server)
	go func() { _ = server.Serve(listener) }() // until close
	return listener.Addr().String(), nil
}

func (l *layer) close() {
	for _, server := range l.servers {
		_ = server.Close() // nobody is left who would mind
	}
	if l.proxy != nil {
		l.proxy.Close()
	}
	l.runtime.close()
	l.http.CloseIdleConnections()
}

// asked begins to watch the runtime, which has opened its end by now.
func (l *layer) asked() {
	if l.log.Ask() {
		l.runtime.watch(l.log.Die)
	}
}

// answered sends at once where nothing else says when. Otherwise the loop does.
func (l *layer) answered(a runtimeapi.Answer) {
	l.log.End(a)
	if l.cfg.concurrent {
		l.flushBeside()
	}
}

// maxInits bounds the failures that are remembered; a runtime has one.
const maxInits = 4

func (l *layer) initFailed(a runtimeapi.Answer) {
	l.placing.Lock()
	defer l.placing.Unlock()
	if len(l.inits) < maxInits {
		l.inits = append(l.inits, invocation.InitFailureOf(a))
	}
}
