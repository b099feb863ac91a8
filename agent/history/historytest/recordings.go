package historytest

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/steptrace/steptrace/agent/definition"
	"github.com/steptrace/steptrace/agent/history"
)

// Recordings is the folder of recorded histories, definitions, log lines and events that STEPTRACE_RECORDINGS names.
// Without the variable the test is skipped.
func Recordings(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("STEPTRACE_RECORDINGS")
	if dir == "" {
		t.Skip("STEPTRACE_RECORDINGS is not set")
	}
	return dir
}

// Recorded lists the recorded files whose names within the folder match the pattern. Fewer than least is a failure:
// they are known to be there.
func Recorded(t testing.TB, pattern string, least int) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(Recordings(t), pattern))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < least {
		t.Fatalf("%d recordings of %s, want at least %d", len(files), pattern, least)
	}
	return files
}

// Seeds adds the recorded files to a fuzz target's corpus, if there are any.
func Seeds(f *testing.F, pattern string) {
	f.Helper()
	if os.Getenv("STEPTRACE_RECORDINGS") == "" {
		return
	}
	for _, file := range Recorded(f, pattern, 1) {
		f.Add(Read(f, file))
	}
}

// Histories are the files of all recorded histories, of AWS and of an emulator.
func Histories(t testing.TB) []string {
	t.Helper()
	return append(Recorded(t, "histories/*.history.json", 436), Recorded(t, "histories_emulator/*.history.json", 1)...)
}

// Read is the content of a recorded file.
func Read(t testing.TB, file string) []byte {
	t.Helper()
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// Events are those of a recorded history, by id.
func Events(t testing.TB, file string) []history.Event {
	t.Helper()
	events, err := history.Decode(file, Read(t, file))
	if err != nil {
		t.Fatal(err)
	}
	history.Sort(events)
	return events
}

// Logged are the events of recorded log lines, in the order of the lines.
func Logged(t testing.TB, file string) []history.LogEvent {
	t.Helper()
	events, err := history.DecodeLogs(file, Read(t, file))
	if err != nil {
		t.Fatal(err)
	}
	return events
}

// Definition is the state machine of a recorded history; nil when it was not recorded.
func Definition(t testing.TB, history string) *definition.Definition {
	t.Helper()
	body, err := os.ReadFile(strings.TrimSuffix(history, ".history.json") + ".definition.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	d, err := definition.Parse(body)
	if err != nil {
		t.Fatalf("%s: %v", history, err)
	}
	return d
}
