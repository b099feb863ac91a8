package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/coder/quartz"
	"github.com/spf13/pflag"

	"github.com/steptrace/steptrace/cmd/steptrace/grafana"
	"github.com/steptrace/steptrace/cmd/steptrace/stack"
	"github.com/steptrace/steptrace/store/embedded"
)

type grafanaOptions struct {
	enabled        bool
	listen, plugin string
}

func (o *grafanaOptions) register(flags *pflag.FlagSet) {
	flags.BoolVar(&o.enabled, "grafana", true, "start Grafana where one is installed")
	flags.StringVar(&o.listen, "grafana-listen", "127.0.0.1:3000", "Grafana's address, on loopback")
	flags.StringVar(&o.plugin, "plugin", "grafana-plugin/dist", "`folder` of the built Grafana plugin")
}

// storeUsers are the stack itself and one who may only read, with a password of this run.
func (o *grafanaOptions) storeUsers() []embedded.User {
	return []embedded.User{
		{Name: embedded.DefaultUser}, {Name: "steptrace_reader", Password: rand.Text(), ReadOnly: true},
	}
}

// grafanaRun is the Grafana of a run, or why there is none.
type grafanaRun struct {
	process *grafana.Process
	notice  string
}

func (o upOptions) startGrafana(
	ctx context.Context, s *stack.Stack, users []embedded.User, progress func(string),
) (grafanaRun, error) {
	if o.dsn != "" {
		return grafanaRun{notice: "not started: with --dsn it is yours to run, as a user who may only read"}, nil
	}
	return o.grafana.start(ctx, filepath.Join(o.data, "grafana"), s.Store.URL(), users, progress)
}

// start starts Grafana where one is installed. Only one that is there and does not come up is an error.
func (o *grafanaOptions) start(
	ctx context.Context, dir, storeURL string, users []embedded.User, progress func(string),
) (grafanaRun, error) {
	if !o.enabled {
		return grafanaRun{notice: "not started (--grafana=false)"}, nil
	}
	installation, err := grafana.Find(os.Getenv("GRAFANA_HOME"), exec.LookPath)
	if errors.Is(err, grafana.ErrNone) {
		return grafanaRun{notice: noGrafana}, nil
	} else if err != nil {
		return grafanaRun{}, err
	}
	if err := grafana.CheckPlugin(o.plugin); err != nil {
		return grafanaRun{notice: "not started: " + err.Error()}, nil //nolint:nilerr // the rest is of use without it
	}
	progress("starting Grafana")
	reader := users[len(users)-1]
	process, err := grafana.Start(ctx, grafana.Config{
		Installation: installation, Listen: o.listen, DataDir: dir, PluginDir: o.plugin,
		Store: grafana.Store{URL: storeURL, Database: "default", Reader: reader.Name, Password: reader.Password},
	}, quartz.NewReal())
	return grafanaRun{process: process}, err
}

const noGrafana = `not started: none is installed. Get one of 10.1 or newer from
                      https://grafana.com/grafana/download, unpack it, set GRAFANA_HOME to its folder, and start again`

// describe is the address, as the other addresses are printed.
func (g grafanaRun) describe() string {
	if g.process == nil {
		return "  Grafana             " + g.notice
	}
	admin := "the admin's password is that of the first start"
	if g.process.Password != "" {
		admin = "to change things log in as admin, password " + g.process.Password
	}
	return fmt.Sprintf("  Grafana             %s (%s)", g.process.URL, admin)
}

func (g grafanaRun) ended() <-chan struct{} {
	if g.process == nil {
		return nil
	}
	return g.process.Ended()
}

func (g grafanaRun) close() error {
	if g.process == nil {
		return nil
	}
	return g.process.Close()
}
