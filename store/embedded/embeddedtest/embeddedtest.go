// Package embeddedtest gives tests a real ClickHouse: one embedded engine for the test binary, a new database for
// each test.
//
//	func TestMain(m *testing.M) { os.Exit(embeddedtest.Main(m)) }
//
//	func TestX(t *testing.T) { db, err := store.Open(ctx, embeddedtest.DSN(t)) … }
//
// Without libchdb on the machine such a test fails and says how to get it (make chdb).
package embeddedtest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/steptrace/steptrace/store/embedded"
)

// shared is the engine of the test binary; libchdb allows one per process.
var shared struct {
	sync.Mutex
	server *embedded.Server
	dir    string
	err    error
}

var databases atomic.Int64

// Main runs the tests of a package, stops the engine, if one was started, and looks for leaked goroutines. It returns
// the exit status.
func Main(m *testing.M) int {
	status := m.Run()
	if err := Stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stop the embedded ClickHouse:", err)
		return max(status, 1)
	}
	if status != 0 {
		return status
	}
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// Stop stops the shared engine and removes its data. Call it at the end of a TestMain that does not use Main.
func Stop() error {
	shared.Lock()
	defer shared.Unlock()
	if shared.server == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	err := errors.Join(shared.server.Close(ctx), os.RemoveAll(shared.dir))
	shared.server, shared.dir = nil, ""
	return err
}

// DSN returns a clickhouse-go DSN (HTTP) for a database of the test's own, which is dropped when the test ends.
func DSN(t testing.TB) string {
	t.Helper()
	server := Server(t)
	name := fmt.Sprintf("test_%d", databases.Add(1))
	execute(t, server, "CREATE DATABASE "+name)
	t.Cleanup(func() { execute(t, server, "DROP DATABASE "+name+" SYNC") })
	return strings.TrimSuffix(server.DSN(), "/default") + "/" + name
}

// Server returns the shared engine, for tests that need its URL.
func Server(t testing.TB) *embedded.Server {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.server == nil && shared.err == nil {
		shared.server, shared.dir, shared.err = open()
	}
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.server
}

func open() (*embedded.Server, string, error) {
	dir, err := os.MkdirTemp("", "steptrace-test-")
	if err != nil {
		return nil, "", err
	}
	server, err := embedded.Open(context.Background(), embedded.Config{Path: dir, Listen: "127.0.0.1:0"})
	if err != nil {
		return nil, "", errors.Join(err, os.RemoveAll(dir))
	}
	return server, dir, nil
}

func execute(t testing.TB, server *embedded.Server, statement string) {
	t.Helper()
	address := server.URL() + "/?query=" + url.QueryEscape(statement)
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", statement, response.Header.Get("X-ClickHouse-Exception-Code"))
	}
}
