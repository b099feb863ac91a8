package grafana

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/coder/quartz"
)

// How long Grafana may take: to migrate its new database and load its plugins, and to end.
const (
	startTimeout = 2 * time.Minute
	stopTimeout  = 10 * time.Second
)

// Process is a running Grafana.
type Process struct {
	URL      string
	Password string // admin's, when this start has made it
	Log      string // Grafana's own log file

	cmd   *exec.Cmd
	clock quartz.Clock
	ended chan struct{}
	err   error // readable once ended is closed
}

// Start starts Grafana and waits until it is healthy.
func Start(ctx context.Context, cfg Config, clock quartz.Clock) (*Process, error) {
	cfg, err := cfg.absolute()
	if err != nil {
		return nil, err
	}
	file, err := cfg.write()
	if err != nil {
		return nil, err
	}
	p := &Process{
		URL: "http://" + cfg.Listen, Log: filepath.Join(cfg.DataDir, "log", "grafana.log"), clock: clock,
		ended: make(chan struct{}),
	}
	if p.Password, err = cfg.adminPassword(); err != nil {
		return nil, err
	}
	if err := p.run(ctx, cfg, file); err != nil {
		return nil, err
	}
	if err := p.waitHealthy(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("start Grafana (its log is %s): %w", p.Log, err), p.Close())
	}
	return p, nil
}

func (c Config) absolute() (Config, error) {
	for _, dir := range []*string{&c.DataDir, &c.PluginDir} {
		var err error
		if *dir, err = filepath.Abs(*dir); err != nil {
			return Config{}, fmt.Errorf("find Grafana's folder: %w", err)
		}
	}
	return c, nil
}

// run starts the process. It outlives the caller's context on purpose: Close ends it.
func (p *Process) run(ctx context.Context, cfg Config, file string) error {
	command := append(cfg.Installation.Command[:len(cfg.Installation.Command):len(cfg.Installation.Command)],
		"--homepath", cfg.Installation.Home, "--config", file)
	//nolint:gosec // the installation that was asked for
	p.cmd = exec.CommandContext(context.WithoutCancel(ctx), command[0], command[1:]...)
	p.cmd.Env = append(os.Environ(), cfg.environment(p.Password)...)
	p.cmd.SysProcAttr = processAttributes()
	output, err := os.OpenFile(filepath.Join(cfg.DataDir, "log", "output.log"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("open Grafana's output file: %w", err)
	}
	p.cmd.Stdout, p.cmd.Stderr = output, output
	if err := p.cmd.Start(); err != nil {
		return errors.Join(fmt.Errorf("start Grafana: %w", err), output.Close())
	}
	go func() {
		defer close(p.ended)
		p.err = errors.Join(p.cmd.Wait(), output.Close())
	}()
	return nil
}

// Ended is closed when Grafana has ended, by itself or by Close.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Close asks Grafana to end, and ends it when it does not.
func (p *Process) Close() error {
	select {
	case <-p.ended:
		return nil // by itself: Ended has told
	default:
	}
	if err := p.cmd.Process.Signal(stopSignal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop Grafana: %w", err)
	}
	timeout := p.clock.NewTimer(stopTimeout, "stop")
	defer timeout.Stop()
	select {
	case <-p.ended:
		return nil
	case <-timeout.C:
	}
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill Grafana: %w", err)
	}
	<-p.ended
	return nil
}
