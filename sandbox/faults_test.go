package sandbox

import (
	"context"
	"testing"
	"time"

	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

func TestLatenciesAddUpBeforeTheError(t *testing.T) {
	clock := quartz.NewMock(t)
	trap := clock.Trap().NewTimer("sandbox", "latency")
	defer trap.Close()
	failure := awswire.Errorf("ThrottlingException", "slow down")
	f := newFaults(clock, 0, []Fault{
		{Latency: time.Second}, {Service: S3, Latency: 2 * time.Second, Error: failure}, {Service: Lambda, Latency: time.Hour},
	})
	struck := make(chan error)
	go func() { struck <- f.strike(t.Context(), S3, "PutObject") }()
	call := trap.MustWait(t.Context())
	require.Equal(t, 3*time.Second, call.Duration)
	call.MustRelease(t.Context())
	clock.Advance(3 * time.Second).MustWait(t.Context())
	require.Equal(t, error(failure), <-struck)
}

func TestLatencyEndsWithTheCaller(t *testing.T) {
	f := newFaults(quartz.NewMock(t), 0, []Fault{{Latency: time.Hour}})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, f.strike(ctx, S3, "PutObject"), context.Canceled)
}

func TestSeedRepeats(t *testing.T) {
	draw := func(seed uint64) (out []bool) {
		f := newFaults(quartz.NewMock(t), seed, []Fault{{Probability: 0.5, Error: awswire.Errorf("E", "e")}})
		for range 32 {
			out = append(out, f.strike(t.Context(), S3, "PutObject") != nil)
		}
		return out
	}
	require.Equal(t, draw(7), draw(7))
	require.NotEqual(t, draw(7), draw(8))
	require.Contains(t, draw(7), true)
	require.Contains(t, draw(7), false)
}

func TestCountIsOfStruckCalls(t *testing.T) {
	f := newFaults(quartz.NewMock(t), 0, []Fault{{Operation: "PutItem", Count: 2, Error: awswire.Errorf("E", "e")}})
	got := make([]bool, 0, 4)
	for _, operation := range []string{"GetItem", "PutItem", "PutItem", "PutItem"} {
		got = append(got, f.strike(t.Context(), DynamoDB, operation) != nil)
	}
	require.Equal(t, []bool{false, true, true, false}, got)
}
