package faults

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

type object = map[string]any

// system is a collector with its queue on disk before a store, of which each can be killed and started again.
type system struct {
	data, queue, config            string // folders and a file
	storeAddress, web, grpc        string // addresses
	storeURL                       string
	collectorProcess, storeProcess *process
	recreate                       bool // as file_storage's setting
}

// newSystem starts nothing yet.
func newSystem(t *testing.T) *system {
	t.Helper()
	dir := t.TempDir()
	s := &system{
		data: filepath.Join(dir, "data"), queue: filepath.Join(dir, "queue"), config: filepath.Join(dir, "collector.yaml"),
		storeAddress: freeAddress(t), web: freeAddress(t), grpc: freeAddress(t),
	}
	s.storeURL = "http://" + s.storeAddress
	s.configureExporter(t, nil)
	return s
}

// configureExporter lays the settings over quick ones; endpoint is the store's address, unless they say another.
func (s *system) configureExporter(t *testing.T, exporter object) {
	t.Helper()
	settings := object{
		"endpoint": s.storeURL, "timeout": "10s",
		"retry_on_failure": object{"initial_interval": "20ms", "max_interval": "200ms", "max_elapsed_time": "0s"},
		"sending_queue": object{
			"storage": "file_storage",
			"batch":   object{"min_size": 500, "max_size": 1000, "flush_timeout": "50ms"},
		},
	}
	maps.Copy(settings, exporter)
	s.configure(t, settings, object{"directory": s.queue, "create_directory": true, "recreate": s.recreate})
}

func (s *system) configure(t *testing.T, exporter, storage object) {
	t.Helper()
	pipeline := object{"receivers": []string{"otlp"}, "exporters": []string{"clickhouse"}}
	text, err := json.Marshal(object{
		"receivers": object{"otlp": object{"protocols": object{
			"http": object{"endpoint": s.web}, "grpc": object{"endpoint": s.grpc},
		}}},
		"exporters":  object{"clickhouse": exporter},
		"extensions": object{"file_storage": storage},
		"service": object{
			"extensions": []string{"file_storage"},
			"telemetry":  object{"metrics": object{"level": "none"}, "logs": object{"disable_stacktrace": true}},
			"pipelines":  object{"traces": pipeline, "logs": pipeline},
		},
	})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(s.config, text, 0o600))
}

func (s *system) startStore(t *testing.T) {
	t.Helper()
	s.storeProcess = start(t, "store", "--path", s.data, "--listen", s.storeAddress)
}

func (s *system) startCollector(t *testing.T) {
	t.Helper()
	s.collectorProcess = start(t, "collector", "--config", s.config)
}

func (s *system) storeReady() bool {
	answer, err := http.Get(s.storeURL + "/ping")
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode == http.StatusOK
}

// awaitStore waits until the store answers. One that ends as it starts is started once more, as who keeps it running
// would do.
func (s *system) awaitStore(t *testing.T) {
	t.Helper()
	answersOrEnds := func() bool { return s.storeReady() || !s.storeProcess.running() }
	eventually(t, answersOrEnds, "the store is there")
	if !s.storeProcess.running() {
		t.Logf("the store ended by itself: %s", s.storeProcess.said.tail())
		s.startStore(t)
		eventually(t, answersOrEnds, "the store is there")
	}
	require.True(t, s.storeProcess.running(), "the store has ended again")
}

// ask is the answer of the store, or what went wrong.
func (s *system) ask(query string) string {
	answer, err := http.Post(s.storeURL, "text/plain", strings.NewReader(query))
	if err != nil {
		return err.Error()
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(text))
}

func (s *system) count(t *testing.T, query string) int {
	t.Helper()
	answer := s.ask(query)
	n, err := strconv.Atoi(answer)
	require.NoError(t, err, fmt.Sprintf("%s: %s", query, answer))
	return n
}
