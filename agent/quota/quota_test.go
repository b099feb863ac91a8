package quota_test

import (
	"context"
	"testing"
	"time"

	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/steptrace/steptrace/agent/quota"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestABucketGivesItsShareAtOnceAndThenRefills(t *testing.T) {
	clock := quartz.NewMock(t)
	b := quota.NewBucket(quota.Quota{Bucket: 400, Refill: 20}, 0.5, clock)
	require.Equal(t, 200, b.Available())
	for range 200 {
		require.NoError(t, b.Take(t.Context()))
	}
	require.Equal(t, 0, b.Available())
	clock.Advance(time.Second).MustWait(t.Context())
	require.Equal(t, 10, b.Available())
	clock.Advance(time.Minute).MustWait(t.Context())
	require.Equal(t, 200, b.Available())
}

func TestAnEmptyBucketMakesCallsWait(t *testing.T) {
	clock := quartz.NewMock(t)
	trap := clock.Trap().NewTimer("quota")
	defer trap.Close()
	b := quota.NewBucket(quota.Quota{Bucket: 1, Refill: 2}, 1, clock)
	require.NoError(t, b.Take(t.Context()))
	taken := make(chan error)
	go func() { taken <- b.Take(t.Context()) }()
	call := trap.MustWait(t.Context())
	require.Equal(t, 500*time.Millisecond, call.Duration)
	call.MustRelease(t.Context())
	clock.Advance(500 * time.Millisecond).MustWait(t.Context())
	require.NoError(t, <-taken)
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	b := quota.NewBucket(quota.Quota{Bucket: 1, Refill: 0.001}, 1, quartz.NewMock(t))
	require.NoError(t, b.Take(t.Context()))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, b.Take(ctx), context.Canceled)
}

func TestThrottlingHalvesTheRateUntilItHasRecovered(t *testing.T) {
	clock := quartz.NewMock(t)
	b := quota.NewBucket(quota.Quota{Bucket: 100, Refill: 10}, 1, clock)
	refilled := func(after time.Duration) int {
		for b.Available() > 0 {
			require.NoError(t, b.Take(t.Context()))
		}
		clock.Advance(after).MustWait(t.Context())
		return b.Available()
	}
	b.Throttled()
	require.Equal(t, 0, b.Available(), "what AWS refuses now it refuses at once again")
	b.Throttled() // by a call that was under way with the first
	require.Equal(t, 5, refilled(time.Second))
	b.Throttled()
	require.Equal(t, 2, refilled(time.Second))
	for range 20 {
		clock.Advance(time.Second).MustWait(t.Context())
		b.Throttled()
	}
	clock.Advance(time.Second).MustWait(t.Context())
	require.GreaterOrEqual(t, refilled(4*time.Second), 2, "it goes on, slowly")
	clock.Advance(2 * time.Minute).MustWait(t.Context())
	require.Equal(t, 10, refilled(time.Second))
}

func TestAProcessResumesWithWhatHasRefilled(t *testing.T) {
	for ago, want := range map[time.Duration]int{0: 50, 8 * time.Second: 80, time.Hour: 200} {
		clock := quartz.NewMock(t)
		b := quota.NewBucket(quota.Quota{Bucket: 400, Refill: 20}, 0.5, clock)
		b.Resume(clock.Now().Add(-ago))
		require.Equal(t, want, b.Available(), ago)
		clock.Advance(time.Minute).MustWait(t.Context())
		require.Equal(t, 200, b.Available())
	}
}
