// A program that takes Grafana's place in tests: it reads its arguments, its configuration and its provisioning files
// as Grafana does, refuses what Grafana would refuse, and answers /api/health.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"gopkg.in/ini.v1"
)

// Behaviours, by the variable FAKE_GRAFANA: ends at once, or does not end when asked to.
const (
	ending   = "ending"
	stubborn = "stubborn"
)

func main() {
	if err := run(os.Args[1:], os.Getenv("FAKE_GRAFANA")); err != nil {
		fmt.Fprintln(os.Stderr, "fake grafana:", err)
		os.Exit(1)
	}
}

func run(args []string, behaviour string) error {
	if behaviour == ending {
		return errors.New("ended as told")
	}
	if filepath.Base(os.Args[0]) == "grafana" {
		if len(args) == 0 || args[0] != "server" {
			return errors.New("grafana without the subcommand server")
		}
		args = args[1:]
	}
	flags := flag.NewFlagSet("grafana", flag.ContinueOnError)
	home := flags.String("homepath", "", "")
	file := flags.String("config", "", "")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(*home, "conf", "defaults.ini")); err != nil {
		return err
	}
	config, err := ini.Load(*file)
	if err != nil {
		return err
	}
	if err := check(config); err != nil {
		return err
	}
	return serve(config, behaviour)
}

// check looks at what the configuration names, and keeps what Grafana would keep.
func check(config *ini.File) error {
	data := config.Section("paths").Key("data").String()
	if err := os.WriteFile(filepath.Join(data, "grafana.db"), nil, 0o600); err != nil {
		return err
	}
	for _, path := range []string{
		filepath.Join(config.Section("plugin.steptrace-app").Key("path").String(), "plugin.json"),
		filepath.Join(config.Section("paths").Key("provisioning").String(), "datasources", "steptrace.yaml"),
		config.Section("dashboards").Key("default_home_dashboard_path").String(),
		filepath.Join(os.Getenv("STEPTRACE_DASHBOARDS"), "failures.json"),
	} {
		if _, err := os.Stat(path); err != nil { //nolint:gosec // of the test's own configuration
			return err
		}
	}
	seen := map[string]string{}
	for _, name := range []string{
		"STEPTRACE_CLICKHOUSE_URL", "STEPTRACE_CLICKHOUSE_DATABASE", "STEPTRACE_STORE_READER",
		"STEPTRACE_STORE_READER_PASSWORD", "GF_SECURITY_ADMIN_USER", "GF_SECURITY_ADMIN_PASSWORD",
	} {
		seen[name] = os.Getenv(name)
	}
	text, err := json.Marshal(seen)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(data, "environment.json"), text, 0o600)
}

func serve(config *ini.File, behaviour string) error {
	server := config.Section("server")
	address := net.JoinHostPort(server.Key("http_addr").String(), server.Key("http_port").String())
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if behaviour == stubborn {
		signal.Ignore(syscall.SIGTERM)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/api/health", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"database":"ok"}`) })
	s := &http.Server{Addr: address, Handler: mux, ReadHeaderTimeout: time.Second}
	failed := make(chan error, 1)
	go func() { failed <- s.ListenAndServe() }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	data := config.Section("paths").Key("data").String()
	return errors.Join(os.WriteFile(filepath.Join(data, "ended"), nil, 0o600), s.Close())
}
