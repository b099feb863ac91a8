// Serves the browser tests: the built plugin and the page that stands for Grafana, and Grafana's HTTP API of the data
// source, answered by the plugin's backend out of a store that fills while workflows run in the sandbox. It says its
// address when all that the tests read is stored, and ends when its standard input does.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/steptrace/steptrace/cmd/steptrace/stack"
)

// folders are what is served, and run.
type folders struct {
	plugin    string // dist of the plugin
	host      string // dist of the page
	icons     string // of Grafana's package
	functions string // the image workflow's Lambda functions
}

func main() {
	var f folders
	flag.StringVar(&f.plugin, "plugin", "dist", "the built plugin")
	flag.StringVar(&f.host, "host", "browser/dist", "the built page that stands for Grafana")
	flag.StringVar(&f.icons, "icons", "node_modules/@grafana/ui/dist/public/img", "Grafana's icons")
	flag.StringVar(&f.functions, "functions", "../bin/functions", "the image workflow's built functions")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, end := context.WithCancel(ctx)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // whoever started this is gone when it ends, in whatever way
		end()
	}()
	if err := run(ctx, f); err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, "serve the browser tests:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, f folders) (err error) {
	scratch, err := os.MkdirTemp("", "steptrace-browser-")
	if err != nil {
		return fmt.Errorf("make a scratch folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	running, err := startStack(ctx, scratch, f.functions)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, running.Close(context.WithoutCancel(ctx))) }()
	world, err := newWorld(ctx, running)
	if err != nil {
		return err
	}
	source, err := openSource(ctx, running.Store.URL())
	if err != nil {
		return err
	}
	defer source.dispose()
	return serve(ctx, handlerOf(f, source, world), world)
}

func startStack(ctx context.Context, scratch, functions string) (*stack.Stack, error) {
	listen, err := stack.FreeListen(ctx)
	if err != nil {
		return nil, err
	}
	return stack.Start(ctx, stack.Config{
		DataDir: scratch, ScratchDir: filepath.Join(scratch, "sandbox"), FunctionsDir: functions, Listen: listen,
		Version: "browser-test", Logger: quiet, CollectorLogs: filepath.Join(scratch, "collector.log"),
	}, func(step string) { fmt.Fprintln(os.Stderr, step) })
}

// serve tells the address, once the world is complete, as a line of JSON, and serves until ctx ends.
func serve(ctx context.Context, handler http.Handler, world *world) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	if err := world.wait(ctx); err != nil {
		return errors.Join(err, server.Close())
	}
	line, err := json.Marshal(map[string]any{"url": "http://" + listener.Addr().String(), "executions": world.executions})
	if err != nil {
		return errors.Join(err, server.Close())
	}
	fmt.Println(string(line))
	select {
	case err = <-served:
	case <-ctx.Done():
		err = server.Close()
	}
	return err
}
