package faults

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	poisonEvery     = 200
	deadLetterKills = 6
)

// fussyProxy stands before a store and finds spans whose number poisonEvery divides not fit to be stored.
func fussyProxy(t *testing.T, store string) *httptest.Server {
	t.Helper()
	inner := &illProxy{store: store}
	inner.healed.Store(true)
	name := regexp.MustCompile(`(?s)(.)span (\d+)`) // behind its length: what follows it may look like a digit
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			hangUp(w)
			return
		}
		for _, found := range name.FindAllSubmatch(body, -1) {
			digits := found[2][:int(found[1][0])-len("span ")]
			if n, _ := strconv.Atoi(string(digits)); n%poisonEvery == 0 {
				w.Header().Set("X-ClickHouse-Exception-Code", "53")
				http.Error(w, "Code: 53. TYPE_MISMATCH", http.StatusInternalServerError)
				return
			}
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		inner.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server
}

// The collector is killed while it sets rows aside. Each is in the dead-letter file or comes again until it is.
func TestKillsLoseNoDeadLetter(t *testing.T) {
	s := newSystem(t)
	s.startStore(t)
	s.awaitStore(t)
	letters := filepath.Join(t.TempDir(), "refused.jsonl")
	s.configureExporter(t, object{
		"endpoint": fussyProxy(t, s.storeURL).URL, "compression": "none", "dead_letter": object{"path": letters},
		"sending_queue": object{
			"storage": "file_storage", "batch": object{"min_size": 100, "max_size": 200, "flush_timeout": "50ms"},
		},
	})
	s.startCollector(t)
	sent, random := newSenders(t, s, 41), rand.New(rand.NewPCG(41, 0))
	sent.start(t)
	for range deadLetterKills {
		before := size(letters)
		eventually(t, func() bool { return size(letters) > before }, "rows are set aside")
		<-time.After(time.Duration(random.IntN(50)) * time.Millisecond)
		s.collectorProcess.kill()
		s.startCollector(t)
	}
	sent.drain(t)
	n := sent.traces.sent()
	var found map[string]bool
	eventually(t, func() bool {
		found = inLetters(t, letters)
		return len(found) == (n+poisonEvery-1)/poisonEvery
	}, "every row at fault is in the dead-letter file")
	for number := 0; number < n; number += poisonEvery {
		require.Contains(t, found, fmt.Sprintf("span %d", number))
	}
	eventually(t, func() bool { return s.ask("SELECT count() FROM otel_traces FINAL") == strconv.Itoa(n-len(found)) },
		"and all others are stored")
	t.Logf("%d kills: %d rows set aside, %d stored", deadLetterKills, len(found), n-len(found))
}

func size(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

var spanName = regexp.MustCompile(`"name":"(span \d+)"`)

// inLetters is the spans in the file, of which a line that a kill has cut counts nothing.
func inLetters(t *testing.T, path string) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	found := map[string]bool{}
	for line := range bytes.Lines(text) {
		if name := spanName.FindSubmatch(line); name != nil && json.Valid(line) {
			found[string(name[1])] = true
		}
	}
	return found
}
