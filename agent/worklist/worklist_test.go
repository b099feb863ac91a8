package worklist_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent/worklist"
)

func entry(arn string) *worklist.Entry {
	return &worklist.Entry{
		ARN: arn, StateMachine: "m", Version: "m:1", Status: "FAILED", RedriveCount: 2,
		Started: time.Date(2026, 11, 23, 8, 0, 0, 5e6, time.UTC), Stopped: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC),
	}
}

func open(t *testing.T, path string, bytes int64) *worklist.List {
	t.Helper()
	l, err := worklist.Open(path, bytes)
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func add(t *testing.T, l *worklist.List, arns ...string) (bytes int64) {
	t.Helper()
	for _, arn := range arns {
		require.NoError(t, l.Append(entry(arn)))
	}
	bytes, err := l.Commit()
	require.NoError(t, err)
	return bytes
}

func requireEntries(t *testing.T, l *worklist.List, from, to int64, arns ...string) {
	t.Helper()
	for _, arn := range arns {
		e, next, err := l.Read(from)
		require.NoError(t, err)
		require.Equal(t, *entry(arn), e)
		from = next
	}
	require.Equal(t, to, from)
}

func TestWhatIsCommittedIsReadInOrder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "made", "list")
	l := open(t, path, 0)
	first := add(t, l, "a", "b")
	requireEntries(t, l, 0, first, "a", "b")
	second := add(t, l, "c")
	requireEntries(t, l, first, second, "c")
	require.NoError(t, l.Close())
	requireEntries(t, open(t, path, second), 0, second, "a", "b", "c")
}

func TestWhatIsNotCommittedIsNotThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "list")
	l := open(t, path, 0)
	first := add(t, l, "a")
	require.NoError(t, l.Append(entry("b")))
	require.NoError(t, l.Rollback(first))
	second := add(t, l, "c")
	add(t, l, "committed, but the checkpoint does not know")
	require.NoError(t, l.Close())
	again := open(t, path, second)
	requireEntries(t, again, 0, second, "a", "c")
	_, _, err := again.Read(second)
	require.ErrorContains(t, err, "start the backfill afresh")
}

func TestAListThatIsNotTheCheckpointsIsNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "list")
	_, err := worklist.Open(path, 10)
	require.ErrorContains(t, err, "it has 0 bytes, the checkpoint knows of 10")
	require.NoError(t, os.WriteFile(path, []byte("no JSON\n"), 0o600))
	_, _, err = open(t, path, 8).Read(0)
	require.ErrorContains(t, err, path)
	_, err = worklist.Open(t.TempDir(), 0)
	require.ErrorContains(t, err, "let this user read and write it")
}

func TestAListIsRemoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "list")
	l := open(t, path, 0)
	require.NoError(t, l.Remove())
	require.NoFileExists(t, path)
}
