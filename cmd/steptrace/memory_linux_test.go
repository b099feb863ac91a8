package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	sampleEvery = 200 * time.Millisecond
	memoryBound = 1 << 30
)

// All processes of the demo together stay under 1 GiB: the program with the engine in it, and its Lambda functions.
func TestDemoStaysUnderAGibibyte(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), program, "demo")
	require.NoError(t, cmd.Start())
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	peak, samples := 0, 0
	for {
		select {
		case err := <-done:
			require.NoError(t, err)
			require.Greater(t, samples, 10)
			t.Logf("peak %d MiB", peak>>20)
			require.Less(t, peak, memoryBound)
			return
		case <-tick.C:
			peak = max(peak, residentOfTree(t, cmd.Process.Pid))
			samples++
		}
	}
}

// residentOfTree adds up the proportional set size of a process and its descendants, in bytes.
func residentOfTree(t *testing.T, root int) int {
	t.Helper()
	children := map[int][]int{}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	require.NoError(t, err)
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // the process has ended
		}
		after := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		parent, _ := strconv.Atoi(after[1])
		children[parent] = append(children[parent], pid)
	}
	total := 0
	for queue := []int{root}; len(queue) > 0; queue = queue[1:] {
		total += proportional(queue[0])
		queue = append(queue, children[queue[0]]...)
	}
	return total
}

func proportional(pid int) int {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/smaps_rollup")
	if err != nil {
		return 0 // ended, or a zombie
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "Pss:" {
			kib, _ := strconv.Atoi(f[1])
			return kib << 10
		}
	}
	return 0
}
