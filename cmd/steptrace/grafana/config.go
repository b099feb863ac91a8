package grafana

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/steptrace/steptrace/collector/loopback"
	"github.com/steptrace/steptrace/dashboards"
)

// Config of a Grafana.
type Config struct {
	Installation Installation
	Listen       string // host:port on loopback
	DataDir      string // Grafana's own files; kept
	PluginDir    string // grafana-plugin/dist
	Store        Store
}

// Store is the ClickHouse that the data source reads.
type Store struct{ URL, Database, Reader, Password string }

// adminUser is who may change things in Grafana; everybody else looks.
const adminUser = "admin"

// CheckPlugin tells what is missing in a folder that should hold the built plugin for this machine.
func CheckPlugin(dir string) error {
	backend := fmt.Sprintf("datasource/gpx_steptrace_datasource_%s_%s", runtime.GOOS, runtime.GOARCH)
	for _, file := range []string{"plugin.json", "module.js", backend} {
		_, err := os.Stat(filepath.Join(dir, filepath.FromSlash(file)))
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("the Grafana plugin is not built: %s has no %s; run `make plugin`, "+
				"or name its folder with --plugin", dir, file)
		} else if err != nil {
			return fmt.Errorf("look for the Grafana plugin: %w", err)
		}
	}
	return nil
}

// ini is Grafana's configuration file. Nothing in it is secret.
func (c Config) ini() (string, error) {
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return "", fmt.Errorf("address %q of Grafana is not host:port: %w", c.Listen, err)
	}
	if !loopback.Only(c.Listen) {
		return "", fmt.Errorf("address %s of Grafana: everybody may look without a login, so it has to be on loopback",
			c.Listen)
	}
	path := func(parts ...string) string { return quoted(filepath.Join(append([]string{c.DataDir}, parts...)...)) }
	return strings.Join([]string{
		"# Written by steptrace up at each start.",
		"[server]", "http_addr = " + host, "http_port = " + port, "root_url = http://" + c.Listen + "/",
		"[paths]", "data = " + path("data"), "logs = " + path("log"), "plugins = " + path("plugins"),
		"provisioning = " + path("provisioning"),
		"[log]", "mode = file",
		"[plugins]", "allow_loading_unsigned_plugins = steptrace-app,steptrace-datasource,steptrace-workflow-panel",
		"preinstall_disabled = true",
		"[plugin.steptrace-app]", "path = " + quoted(c.PluginDir),
		"[auth.anonymous]", "enabled = true", "org_role = Viewer",
		"[users]", "allow_sign_up = false",
		"[analytics]", "reporting_enabled = false", "check_for_updates = false", "check_for_plugin_updates = false",
		"[news]", "news_feed_enabled = false",
		"[dashboards]", "default_home_dashboard_path = " + path("json", "overview.json"),
		"",
	}, "\n"), nil
}

// quoted is a path as Grafana's ini files want it; back-quotes keep what is within as it is.
func quoted(path string) string { return "`" + path + "`" }

// write puts configuration and provisioning into the data folder, and returns the configuration file.
func (c Config) write() (string, error) {
	text, err := c.ini()
	if err != nil {
		return "", err
	}
	for _, dir := range []string{"data", "log", "plugins"} {
		if err := os.MkdirAll(filepath.Join(c.DataDir, dir), 0o750); err != nil {
			return "", fmt.Errorf("create Grafana's folder: %w", err)
		}
	}
	if err := dashboards.Write(c.DataDir); err != nil {
		return "", err
	}
	file := filepath.Join(c.DataDir, "grafana.ini")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return "", fmt.Errorf("write Grafana's configuration: %w", err)
	}
	return file, nil
}

// environment is what the provisioning files and the first start take from the process.
func (c Config) environment(password string) []string {
	return []string{
		"STEPTRACE_CLICKHOUSE_URL=" + c.Store.URL, "STEPTRACE_CLICKHOUSE_DATABASE=" + c.Store.Database,
		"STEPTRACE_STORE_READER=" + c.Store.Reader, "STEPTRACE_STORE_READER_PASSWORD=" + c.Store.Password,
		"STEPTRACE_DASHBOARDS=" + filepath.Join(c.DataDir, "json"),
		"GF_SECURITY_ADMIN_USER=" + adminUser, "GF_SECURITY_ADMIN_PASSWORD=" + password,
	}
}

// adminPassword is a new one when Grafana has no database yet, and empty when it has: it keeps its own.
func (c Config) adminPassword() (string, error) {
	_, err := os.Stat(filepath.Join(c.DataDir, "data", "grafana.db"))
	switch {
	case err == nil:
		return "", nil
	case errors.Is(err, fs.ErrNotExist):
		return rand.Text(), nil
	}
	return "", fmt.Errorf("look for Grafana's database: %w", err)
}
