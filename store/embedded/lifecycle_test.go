package embedded_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/store/embedded"
	"github.com/steptrace/steptrace/store/embedded/embeddedtest"
	"github.com/steptrace/steptrace/store/embedded/library"
)

// open starts a server of the test's own; the shared one has to be stopped before. It is closed when the test ends.
func open(t *testing.T, config embedded.Config) *embedded.Server {
	t.Helper()
	if config.Path == "" {
		config.Path = t.TempDir()
	}
	if config.Listen == "" {
		config.Listen = "127.0.0.1:0"
	}
	server, err := embedded.Open(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close(context.Background())) })
	return server
}

func TestOpenSaysWhatToMend(t *testing.T) {
	require.NoError(t, embeddedtest.Stop())
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, []byte("not a library"), 0o600))

	for name, c := range map[string]struct {
		config embedded.Config
		want   []string
	}{
		"no path":         {embedded.Config{}, []string{"data folder", "set its path"}},
		"missing library": {embedded.Config{Library: "/no/such.so"}, []string{"/no/such.so does not exist", "`make chdb`", library.EnvPath}},
		"broken library":  {embedded.Config{Library: file}, []string{"cannot load libchdb from " + file, "remove the file and run `make chdb`"}},
		"busy port":       {embedded.Config{Listen: taken.Addr().String()}, []string{"cannot listen on " + taken.Addr().String(), "choose another"}},
		"no port":         {embedded.Config{Listen: "127.0.0.1"}, []string{"not host:port", embedded.DefaultListen}},
		"scheme":          {embedded.Config{Listen: "https://127.0.0.1:8443"}, []string{"speaks no TLS", "proxy"}},
		"open to network": {embedded.Config{Listen: "0.0.0.0:0"}, []string{`user "default" has no password`, "set one, or listen on"}},
		"any address":     {embedded.Config{Listen: ":0"}, []string{"has no password"}},
		"one without password": {embedded.Config{Listen: "[::]:0", Users: []embedded.User{
			{Name: "a", Password: "x"}, {Name: "b", ReadOnly: true},
		}}, []string{`user "b" has no password`}},
		"same user twice":   {embedded.Config{Users: []embedded.User{{Name: "a"}, {Name: "a"}}}, []string{`user "a" is there twice`}},
		"user with colon":   {embedded.Config{Users: []embedded.User{{Name: "a:b"}}}, []string{`"a:b"`, "colon"}},
		"path is a file":    {embedded.Config{Path: file}, []string{"cannot make the data folder " + file, "choose another path"}},
		"path below a file": {embedded.Config{Path: file + "/x"}, []string{"cannot make the data folder " + file, "choose another path"}},
		"unwritable path":   {embedded.Config{Path: "/proc/self/fdinfo"}, []string{"cannot write to the data folder /proc/self/fdinfo", "mend its rights"}},
	} {
		t.Run(name, func(t *testing.T) {
			if c.config.Path == "" && name != "no path" {
				c.config.Path = t.TempDir()
			}
			if c.config.Listen == "" {
				c.config.Listen = "127.0.0.1:0"
			}
			_, err := embedded.Open(t.Context(), c.config)
			require.Error(t, err)
			for _, want := range c.want {
				require.ErrorContains(t, err, want)
			}
			require.NotContains(t, err.Error(), "\n")
		})
	}
	open(t, embedded.Config{}) // none of the failures keeps the engine from starting
}

func TestBeyondLoopbackWithPasswords(t *testing.T) {
	require.NoError(t, embeddedtest.Stop())
	server := open(t, embedded.Config{Listen: "0.0.0.0:0", Users: []embedded.User{{Name: "a", Password: "b"}}})
	_, port, err := net.SplitHostPort(strings.TrimPrefix(server.URL(), "http://"))
	require.NoError(t, err)
	require.Equal(t, "1", clientOf(t, "http://127.0.0.1:"+port).with("user", "a", "password", "b").must("SELECT 1"))
}

func TestOneEnginePerProcess(t *testing.T) {
	require.NoError(t, embeddedtest.Stop())
	server := open(t, embedded.Config{})
	_, err := embedded.Open(t.Context(), embedded.Config{Path: t.TempDir(), Listen: "127.0.0.1:0"})
	require.ErrorIs(t, err, embedded.ErrRunning)
	require.Equal(t, "1", clientOf(t, server.URL()).must("SELECT 1"))
}

func TestReopenKeepsTheData(t *testing.T) {
	require.NoError(t, embeddedtest.Stop())
	path := filepath.Join(t.TempDir(), "made", "on", "demand")
	for want := range 5 {
		server, err := embedded.Open(t.Context(), embedded.Config{Path: path, Listen: "127.0.0.1:0"})
		require.NoError(t, err)
		c := clientOf(t, server.URL())
		c.must("CREATE TABLE IF NOT EXISTS t (a UInt64) ENGINE = MergeTree ORDER BY a")
		require.Equal(t, string('0'+rune(want)), c.must("SELECT count() FROM t"))
		c.must("INSERT INTO t VALUES (1)")
		require.NoError(t, server.Close(context.Background()))
		require.NoError(t, server.Close(context.Background()), "twice")
	}
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
}

func TestDamagedFolder(t *testing.T) {
	require.NoError(t, embeddedtest.Stop())
	path := t.TempDir()
	server, err := embedded.Open(t.Context(), embedded.Config{Path: path, Listen: "127.0.0.1:0"})
	require.NoError(t, err)
	clientOf(t, server.URL()).must("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
	require.NoError(t, server.Close(context.Background()))

	definitions, err := filepath.Glob(filepath.Join(path, "store", "*", "*", "t.sql"))
	require.NoError(t, err)
	require.Len(t, definitions, 1)
	require.NoError(t, os.WriteFile(definitions[0], []byte("rubbish"), 0o600))

	_, err = embedded.Open(t.Context(), embedded.Config{Path: path, Listen: "127.0.0.1:0"})
	require.ErrorContains(t, err, "cannot start on "+path)
	require.ErrorContains(t, err, "t.sql")
	require.ErrorContains(t, err, "move it away to begin anew")
	require.NotContains(t, err.Error(), "\n")
	open(t, embedded.Config{})
}

func TestCloseWaitsForStatements(t *testing.T) {
	require.NoError(t, embeddedtest.Stop())
	server, err := embedded.Open(t.Context(), embedded.Config{Path: t.TempDir(), Listen: "127.0.0.1:0"})
	require.NoError(t, err)
	c := clientOf(t, server.URL())
	answered := make(chan string, 1)
	go func() { answered <- c.must("SELECT sleep(0.5)") }()
	awaitQueries(t, c, "sleep(0.5)", 1)
	require.NoError(t, server.Close(context.Background()))
	require.Equal(t, "0", <-answered)
}

func TestCloseKillsStatementsAtItsDeadline(t *testing.T) {
	require.NoError(t, embeddedtest.Stop())
	server, err := embedded.Open(t.Context(), embedded.Config{Path: t.TempDir(), Listen: "127.0.0.1:0"})
	require.NoError(t, err)
	c := clientOf(t, server.URL())
	ended := make(chan error, 1)
	go func() {
		_, err := c.with("query", endless).do("POST", nil)
		ended <- err
	}()
	awaitQueries(t, c, endless, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	begin := time.Now()
	require.NoError(t, server.Close(ctx))
	require.Less(t, time.Since(begin), 10*time.Second)
	require.Error(t, <-ended, "the connection is closed without an answer")
}
