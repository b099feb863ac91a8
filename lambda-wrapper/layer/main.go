// Command layer is the external Lambda extension that traces functions in any language, without a change of their code.
// It passes the Runtime API on to the function's runtime and takes what the function's OpenTelemetry SDK exports, and
// sends what it learned to a collector after the response has gone. docs/lambda-layer.md says how to use it.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/extension"
)

// version is set by the linker.
var version = "dev"

// registerTimeout bounds registration, an exchange over the environment's loopback during init.
const registerTimeout = 5 * time.Second

func main() {
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{ReplaceAttr: withoutTime}))
	if err := run(context.Background(), os.Getenv, logger); err != nil {
		logger.Error("steptrace: the layer cannot work", slog.Any("error", err))
		os.Exit(1)
	}
}

// withoutTime leaves out what Lambda's log has anyway.
func withoutTime(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

func run(ctx context.Context, getenv func(string) string, logger *slog.Logger) error {
	api := getenv("AWS_LAMBDA_RUNTIME_API")
	if api == "" {
		return errors.New("AWS_LAMBDA_RUNTIME_API is not set; this program is an extension and runs in AWS Lambda")
	}
	l, err := start(ctx, api, getenv, logger)
	if err != nil { // a function must not fail for want of its traces
		logger.Error("steptrace: tracing is off", slog.Any("error", err))
	}
	client, err := register(ctx, api, l.events())
	if err != nil && l != nil { // Lambda has no INVOKE events where several invocations go on at a time
		l.cfg.concurrent = true
		client, err = register(ctx, api, l.events())
	}
	if err != nil {
		return err
	}
	defer client.Close()
	if l == nil {
		_, err := client.Next(ctx) // says that this extension is ready; there is never an event
		return err
	}
	defer l.close()
	return l.serve(ctx, client.Next)
}

// register must come after start: Lambda starts the runtime when all extensions have registered. Its name has to be the
// file's.
func register(ctx context.Context, api string, events []string) (*extension.Client, error) {
	ctx, cancel := context.WithTimeout(ctx, registerTimeout)
	defer cancel()
	return extension.Register(ctx, api, filepath.Base(os.Args[0]), events...)
}

// start brings everything up that the runtime will talk to. It returns nil if tracing is off.
func start(ctx context.Context, api string, getenv func(string) string, logger *slog.Logger) (*layer, error) {
	dir := handoverDir(getenv)
	if err := withdraw(dir); err != nil {
		return nil, err
	}
	cfg, err := readSettings(getenv, logger)
	if err != nil || len(cfg.endpoints) == 0 {
		return nil, err
	}
	l := newLayer(cfg, logger)
	if err := l.listen(ctx, api); err != nil {
		return nil, err
	}
	if err := l.handOver(dir); err != nil {
		l.close()
		return nil, fmt.Errorf("tell the exec wrapper where the Runtime API is: %w", err)
	}
	return l, nil
}

// concurrent tells whether several invocations go on at a time in this environment, which is not frozen then.
func concurrent(getenv func(string) string) bool {
	n, err := strconv.Atoi(getenv("AWS_LAMBDA_MAX_CONCURRENCY"))
	return err == nil && n > 1
}
