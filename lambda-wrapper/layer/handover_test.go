package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheEndOfTheRuntimeIsTheEndOfThePipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "runtime")
	w, err := newRuntimeWatch(path)
	require.NoError(t, err)
	defer w.close()
	runtime, err := os.OpenFile(path, os.O_RDWR, 0) // as the exec wrapper does
	require.NoError(t, err)
	_, err = runtime.WriteString("2026/01/02/[$LATEST]abc\n")
	require.NoError(t, err)
	gone := make(chan struct{})
	w.watch(func() { close(gone) })
	require.Eventually(t, func() bool { return w.logStream() != "" }, patience, 1)
	require.Equal(t, "2026/01/02/[$LATEST]abc", w.logStream())
	select {
	case <-gone:
		require.Fail(t, "the runtime lives")
	default:
	}
	require.NoError(t, runtime.Close())
	<-gone
}

func TestARuntimeWithoutTheExecWrapperIsNeverGone(t *testing.T) {
	w, err := newRuntimeWatch(filepath.Join(t.TempDir(), "runtime"))
	require.NoError(t, err)
	defer w.close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.read(func() { t.Error("there is no telling") })
	}()
	<-done
}

func TestWithoutAPipeNothingIsWatched(t *testing.T) {
	w, err := newRuntimeWatch(filepath.Join(t.TempDir(), "no", "folder"))
	require.ErrorContains(t, err, "make the pipe to the runtime")
	w.watch(func() { t.Error("there is no telling") })
	require.Empty(t, w.logStream())
	w.close()
}

func TestWhatAnEarlierLayerLeftIsRemoved(t *testing.T) {
	tmp := t.TempDir()
	dir := handoverDir(func(string) string { return tmp })
	require.Equal(t, filepath.Join(tmp, "steptrace-layer"), dir)
	for range 2 {
		require.NoError(t, withdraw(dir))
		require.NoDirExists(t, dir)
		l := &layer{apiAddr: "127.0.0.1:1", otlpAddr: "127.0.0.1:2"}
		require.NoError(t, l.handOver(dir))
		l.runtime.close()
		addresses, err := os.ReadFile(filepath.Join(dir, "addresses"))
		require.NoError(t, err)
		require.Equal(t, "127.0.0.1:1 127.0.0.1:2\n", string(addresses))
	}
}
