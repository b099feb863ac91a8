package faults

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/store/embedded/embeddedtest"
)

// The disk of the collector's queue is full while the store is away, and still when it is back.
func TestAFullDiskUnderTheQueue(t *testing.T) {
	s := newSystem(t)
	disk := embeddedtest.NewSmallDisk(t, s.queue)
	s.collectorProcess = run(t, disk.Command(16, program, "collector", "--config", s.config))
	sent := newSenders(t, s, 21)
	sent.start(t)
	eventually(t, func() bool { return sent.traces.progress() > 0 && sent.logs.progress() > 0 }, "the collector is there")
	free := disk.Fill(t, s.collectorProcess.cmd.Process, 100<<10)
	eventually(t, func() bool {
		return s.collectorProcess.said.has("there is no room for the sending queue in " + s.queue)
	},
		"what is full is named")
	eventually(t, func() bool { return sent.backpressure() > 10 }, "senders are told to come again")

	s.startStore(t)
	s.awaitStore(t)
	accepted := sent.traces.progress()
	eventually(t, func() bool {
		stored, err := strconv.Atoi(s.ask("SELECT uniqExact(SpanId) FROM otel_traces"))
		return err == nil && stored >= accepted
	}, "what was accepted is stored although the disk is full")
	free()
	requireExactlyOnce(t, s, sent)
	require.True(t, s.collectorProcess.running())
}

// The store's disk is full: what was accepted waits in the queue until there is room.
func TestAFullDiskUnderTheStore(t *testing.T) {
	s := newSystem(t)
	disk := embeddedtest.NewSmallDisk(t, s.data)
	s.storeProcess = run(t, disk.Command(200, program, "store", "--path", s.data, "--listen", s.storeAddress))
	s.awaitStore(t)
	s.startCollector(t)
	sent := newSenders(t, s, 22)
	sent.start(t)
	eventually(t, func() bool { return sent.traces.progress() > 0 && sent.logs.progress() > 0 }, "the collector is there")
	for range 5 { // for it matters in the midst of what it becomes full
		free := disk.Fill(t, s.storeProcess.cmd.Process, 0)
		eventually(t, func() bool { return s.collectorProcess.said.has("the store's disk is full") }, "what is full is named")
		accepted := sent.traces.progress()
		eventually(t, func() bool { return sent.traces.progress() > accepted+100 }, "senders do not notice")
		free()
		stored := s.count(t, "SELECT count() FROM otel_traces")
		eventually(t, func() bool { return s.count(t, "SELECT count() FROM otel_traces") > stored }, "it goes on")
	}
	requireExactlyOnce(t, s, sent)
	require.True(t, s.storeProcess.running())
}
