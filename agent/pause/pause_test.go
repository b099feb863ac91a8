package pause_test

import (
	"context"
	"testing"
	"time"

	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/steptrace/steptrace/agent/pause"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestAPauseEndsWithItsTimeOrItsContext(t *testing.T) {
	clock := quartz.NewMock(t)
	trap := clock.Trap().NewTimer("tea")
	defer trap.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for _, want := range []error{nil, context.Canceled} {
		done := make(chan error, 1)
		go func() { done <- pause.For(ctx, clock, time.Minute, "tea") }()
		call := trap.MustWait(t.Context())
		require.Equal(t, time.Minute, call.Duration)
		call.MustRelease(t.Context())
		if want == nil {
			clock.Advance(time.Minute).MustWait(t.Context())
		} else {
			cancel()
		}
		require.ErrorIs(t, <-done, want)
	}
}
