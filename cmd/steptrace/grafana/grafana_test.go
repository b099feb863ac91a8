package grafana

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"gopkg.in/ini.v1"

	"github.com/steptrace/steptrace/collector/loopback"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// home is a folder like that which Grafana is unpacked to, with the program of grafanatest in Grafana's place.
func home(t *testing.T, programs ...string) string {
	t.Helper()
	dir := t.TempDir()
	touch(t, filepath.Join(dir, "conf", "defaults.ini"))
	for _, name := range programs {
		built, err := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(dir, "bin", name), "./grafanatest").
			CombinedOutput()
		require.NoError(t, err, string(built))
	}
	return dir
}

// plugin is a folder like grafana-plugin/dist.
func plugin(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, file := range []string{
		"plugin.json", "module.js", "datasource/gpx_steptrace_datasource_" + runtime.GOOS + "_" + runtime.GOARCH,
	} {
		touch(t, filepath.Join(dir, filepath.FromSlash(file)))
	}
	return dir
}

func touch(t *testing.T, file string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o750))
	require.NoError(t, os.WriteFile(file, nil, 0o600))
}

func config(t *testing.T, programs ...string) Config {
	t.Helper()
	installation, err := Find(home(t, programs...), nil)
	require.NoError(t, err)
	address, err := loopback.FreeAddress(t.Context())
	require.NoError(t, err)
	return Config{
		Installation: installation, Listen: address, DataDir: filepath.Join(t.TempDir(), "my data # 1"), PluginDir: plugin(t),
		Store: Store{URL: "http://127.0.0.1:8123", Database: "default", Reader: "grafana", Password: "p$1 ;#"},
	}
}

func seen(t *testing.T, c Config) (environment map[string]string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(c.DataDir, "data", "environment.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &environment))
	return environment
}

// Grafana is there when Start returns, with its plugin and provisioning, and gone when Close does.
func TestStartAndClose(t *testing.T) {
	c := config(t, "grafana")
	p, err := Start(t.Context(), c, quartz.NewReal())
	require.NoError(t, err)
	response, err := http.Get(p.URL + "/api/health")
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Len(t, p.Password, 26)
	require.Equal(t, map[string]string{
		"STEPTRACE_CLICKHOUSE_URL": "http://127.0.0.1:8123", "STEPTRACE_CLICKHOUSE_DATABASE": "default",
		"STEPTRACE_STORE_READER": "grafana", "STEPTRACE_STORE_READER_PASSWORD": "p$1 ;#",
		"GF_SECURITY_ADMIN_USER": "admin", "GF_SECURITY_ADMIN_PASSWORD": p.Password,
	}, seen(t, c))
	require.NoError(t, p.Close())
	require.FileExists(t, filepath.Join(c.DataDir, "data", "ended"), "it was asked to end, not killed")

	again, err := Start(t.Context(), c, quartz.NewReal())
	require.NoError(t, err)
	require.Empty(t, again.Password, "Grafana keeps the one of its first start")
	require.NoError(t, again.Close())
	require.NoError(t, again.Close())
}

func TestGrafanaServerIsTakenToo(t *testing.T) {
	c := config(t, "grafana-server")
	require.Len(t, c.Installation.Command, 1)
	p, err := Start(t.Context(), c, quartz.NewReal())
	require.NoError(t, err)
	require.NoError(t, p.Close())
}

func TestOneThatEndsAtOnce(t *testing.T) {
	t.Setenv("FAKE_GRAFANA", "ending")
	c := config(t, "grafana")
	_, err := Start(t.Context(), c, quartz.NewReal())
	require.ErrorContains(t, err, "it has ended at once")
	require.ErrorContains(t, err, filepath.Join(c.DataDir, "log", "grafana.log"))
	said, err := os.ReadFile(filepath.Join(c.DataDir, "log", "output.log"))
	require.NoError(t, err)
	require.Equal(t, "fake grafana: ended as told\n", string(said))
}

func TestOneThatDoesNotEndIsKilled(t *testing.T) {
	t.Setenv("FAKE_GRAFANA", "stubborn")
	p, err := Start(t.Context(), config(t, "grafana"), quartz.NewReal())
	require.NoError(t, err)
	clock := quartz.NewMock(t)
	trap := clock.Trap().NewTimer("stop")
	p.clock = clock
	closed := make(chan error)
	go func() { closed <- p.Close() }()
	trap.MustWait(t.Context()).MustRelease(t.Context())
	trap.Close()
	clock.Advance(stopTimeout).MustWait(t.Context())
	require.NoError(t, <-closed)
	<-p.Ended()
}

func TestConfigurationIsReadAsItIsMeant(t *testing.T) {
	c := config(t, "grafana")
	text, err := c.ini()
	require.NoError(t, err)
	read, err := ini.Load([]byte(text))
	require.NoError(t, err)
	value := func(section, key string) string { return read.Section(section).Key(key).String() }
	require.Equal(t, "127.0.0.1", value("server", "http_addr"))
	require.Equal(t, filepath.Join(c.DataDir, "provisioning"), value("paths", "provisioning"))
	require.Equal(t, c.PluginDir, value("plugin.steptrace-app", "path"))
	require.Equal(t, "steptrace-app,steptrace-datasource,steptrace-workflow-panel",
		value("plugins", "allow_loading_unsigned_plugins"))
	require.Equal(t, "Viewer", value("auth.anonymous", "org_role"))
	require.NotContains(t, text, "p$1", "passwords are given by the environment")

	c.Listen = "0.0.0.0:3000"
	_, err = c.ini()
	require.ErrorContains(t, err, "has to be on loopback")
}

func TestFind(t *testing.T) {
	nowhere := func(string) (string, error) { return "", exec.ErrNotFound }
	_, err := Find("", nowhere)
	require.ErrorIs(t, err, ErrNone)
	_, err = Find(t.TempDir(), nowhere)
	require.ErrorContains(t, err, "name the folder that Grafana was unpacked to")
	_, err = Find(home(t), nowhere)
	require.ErrorContains(t, err, "neither bin/grafana nor bin/grafana-server")
	_, err = Find("", func(string) (string, error) { return "", errors.New("no permission") })
	require.ErrorContains(t, err, "look for grafana: no permission")

	unpacked := home(t, "grafana")
	link := filepath.Join(t.TempDir(), "grafana")
	require.NoError(t, os.Symlink(filepath.Join(unpacked, "bin", "grafana"), link))
	found, err := Find("", func(string) (string, error) { return link, nil })
	require.NoError(t, err)
	require.Equal(t, Installation{Command: []string{link, "server"}, Home: unpacked}, found)
	alone := filepath.Join(t.TempDir(), "bin", "grafana")
	touch(t, alone)
	_, err = Find("", func(string) (string, error) { return alone, nil })
	require.ErrorContains(t, err, "set GRAFANA_HOME")
}

func TestCheckPlugin(t *testing.T) {
	require.NoError(t, CheckPlugin(plugin(t)))
	require.ErrorContains(t, CheckPlugin(t.TempDir()), "run `make plugin`")
}
