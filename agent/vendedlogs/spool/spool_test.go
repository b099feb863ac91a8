package spool_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent/vendedlogs"
	"github.com/steptrace/steptrace/agent/vendedlogs/spool"
)

var epoch = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

func at(seconds int) time.Time { return epoch.Add(time.Duration(seconds) * time.Second) }

func open(t *testing.T, dir string, most int64) *spool.Spool {
	t.Helper()
	s, err := spool.Open(dir, most)
	require.NoError(t, err)
	return s
}

func texts(t *testing.T, s *spool.Spool) (found []string) {
	t.Helper()
	require.NoError(t, s.Replay(func(messages []vendedlogs.Message) error {
		for _, m := range messages {
			found = append(found, fmt.Sprintf("%s@%d", m.Text, m.Arrived.Sub(epoch)/time.Second))
		}
		return nil
	}))
	return found
}

func put(t *testing.T, s *spool.Spool, seconds int, text string) {
	t.Helper()
	require.NoError(t, s.Append(at(seconds), []vendedlogs.Message{{Text: text}}))
}

func TestWhatIsKeptIsThereAfterARestart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "spool")
	s := open(t, dir, 1<<20)
	require.Empty(t, texts(t, s))
	put(t, s, 0, "a")
	put(t, s, 59, "b")
	put(t, s, 60, "c")
	require.Len(t, segments(t, dir), 2, "a segment has a minute")
	again := open(t, dir, 1<<20) // the other was killed
	require.Equal(t, []string{"a@0", "b@59", "c@60"}, texts(t, again))
	put(t, again, 70, "d")
	require.NoError(t, again.Close())
	require.Equal(t, []string{"a@0", "b@59", "c@60", "d@70"}, texts(t, open(t, dir, 1<<20)))
}

func segments(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	return names
}

func TestDropLetsOldSegmentsGo(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 1<<20)
	for i := range 4 {
		put(t, s, i*60, "a")
		put(t, s, i*60+10, "b")
	}
	require.NoError(t, s.Drop(at(1000)))
	require.Len(t, segments(t, dir), 4, "nothing goes before what is there is known")
	require.Zero(t, s.Floor(at(65)))
	require.NoError(t, s.Close())

	s = open(t, dir, 1<<20)
	require.Len(t, texts(t, s), 8)
	require.Equal(t, at(60), s.Floor(at(65)), "the segment stays as a whole")
	require.Equal(t, at(71), s.Floor(at(71)))
	require.NoError(t, s.Drop(at(65)))
	require.Equal(t, []string{"a@60", "b@70", "a@120", "b@130", "a@180", "b@190"}, texts(t, open(t, dir, 1<<20)))
	require.NoError(t, s.Drop(at(1000)))
	require.Empty(t, segments(t, dir))
	put(t, s, 2000, "c")
	require.NoError(t, s.Drop(at(2000)))
	require.Len(t, segments(t, dir), 1)
	require.Equal(t, at(2000), s.Floor(at(3000)), "something may be written to it meanwhile")
	require.NoError(t, s.Drop(at(3000)))
	require.Empty(t, segments(t, dir))
	require.NoError(t, s.Close())
}

func TestTheSizeIsBounded(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 400)
	require.Empty(t, texts(t, s))
	put(t, s, 0, "a")
	put(t, s, 60, "b")
	require.Zero(t, s.Bound())
	put(t, s, 120, "c")
	require.Equal(t, at(0).Add(1), s.Bound())
	require.NoError(t, s.Drop(s.Bound()))
	require.Len(t, segments(t, dir), 2)
	require.Zero(t, s.Bound())
	require.NoError(t, s.Close())
}

func TestALineThatWasNotFinishedCountsForNothing(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 1<<20)
	put(t, s, 0, "a")
	put(t, s, 1, "b")
	require.NoError(t, s.Close())
	file := segments(t, dir)[0]
	body, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, body[:len(body)-3], 0o600))
	require.Equal(t, []string{"a@0"}, texts(t, open(t, dir, 1<<20)))
}

func TestWhatCannotBeUsedIsNamed(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "000000000003.jsonl"), []byte("{}\nhello\n"), 0o600))
	s := open(t, dir, 1<<20)
	err := s.Replay(func([]vendedlogs.Message) error { return nil })
	require.ErrorContains(t, err, "000000000003.jsonl:2 is unusable")
	stop := errors.New("stop")
	require.ErrorIs(t, s.Replay(func([]vendedlogs.Message) error { return stop }), stop)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "x.jsonl"), nil, 0o600))
	_, err = spool.Open(dir, 1<<20)
	require.ErrorContains(t, err, "x.jsonl is no segment")
	_, err = spool.Open(filepath.Join(dir, "x.jsonl"), 1<<20)
	require.ErrorContains(t, err, "let this user read and write the folder")
}
