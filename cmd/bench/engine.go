package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/steptrace/steptrace/store/embedded"
)

// engineFolder makes this program be the engine's process, in the folder that it names, until its standard input ends.
const engineFolder = "STEPTRACE_BENCH_ENGINE"

// runEngine is the engine's process, apart from the one whose processor time is measured.
func runEngine(ctx context.Context, folder string) (err error) {
	engine, err := embedded.Open(ctx, embedded.Config{Path: folder, Listen: "127.0.0.1:0"})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, engine.Close(context.WithoutCancel(ctx))) }()
	fmt.Println(engine.URL())
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// engine is ClickHouse in a process and a temporary folder of its own.
type engine struct {
	url, folder string
	process     *exec.Cmd
	stdin       io.Closer
}

func startEngine(ctx context.Context) (*engine, error) {
	folder, err := os.MkdirTemp("", "steptrace-bench-")
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	e := &engine{folder: folder, process: exec.CommandContext(ctx, self)}
	e.process.Env = append(os.Environ(), engineFolder+"="+folder)
	e.process.Stderr = os.Stderr
	stdin, stdinErr := e.process.StdinPipe()
	stdout, stdoutErr := e.process.StdoutPipe()
	if err := errors.Join(stdinErr, stdoutErr, e.process.Start()); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	e.stdin = stdin
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start the engine: %w", err), e.stop())
	}
	e.url = strings.TrimSpace(line)
	return e, nil
}

func (e *engine) stop() error {
	return errors.Join(e.stdin.Close(), e.process.Wait(), os.RemoveAll(e.folder))
}

func (e *engine) connect(database string) (driver.Conn, error) {
	opts, err := clickhouse.ParseDSN(e.url + "/" + database)
	if err != nil {
		return nil, err
	}
	opts.ReadTimeout = mergeTimeout
	return clickhouse.Open(opts)
}
