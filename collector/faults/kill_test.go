package faults

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// killsEnv is how many kills there shall be; those of the issue are 200.
const killsEnv = "STEPTRACE_FAULT_KILLS"

const defaultKills = 24

func kills(t *testing.T) int {
	text := os.Getenv(killsEnv)
	if text == "" {
		return defaultKills
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, killsEnv)
	return n
}

// Collector and store are killed again and again, at random moments, starting ones too, while spans and records come
// in. What was acknowledged is there in the end, once.
func TestKillsLoseAndDoubleNothing(t *testing.T) {
	seed := uint64(20261126)
	random := rand.New(rand.NewPCG(seed, 0))
	s := newSystem(t)
	s.startStore(t)
	s.startCollector(t)
	sent := newSenders(t, s, seed)
	sent.start(t)
	begin := time.Now()
	for range kills(t) {
		if random.IntN(2) == 0 { // while all is well, else as it comes: in the midst of a start, with the other one away
			s.awaitStore(t)
			before := sent.traces.progress() + sent.logs.progress()
			eventually(t, func() bool {
				return sent.traces.progress()+sent.logs.progress() > before || !s.collectorProcess.running()
			}, "the collector is back")
			require.True(t, s.collectorProcess.running(), "the collector gave up: the store being away is no reason")
		}
		<-time.After(time.Duration(random.IntN(400)) * time.Millisecond)
		if random.IntN(2) == 0 {
			s.storeProcess.kill()
			s.startStore(t)
		} else {
			s.collectorProcess.kill()
			s.startCollector(t)
		}
	}
	t.Logf("%d kills in %s", kills(t), time.Since(begin).Round(time.Millisecond))
	s.awaitStore(t)
	requireExactlyOnce(t, s, sent)
}
