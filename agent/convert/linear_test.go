//go:build linux

package convert_test

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/history"
)

// TestConversionIsLinear compares an event's cost in histories of which one is 16 times as long as the other, and
// longer than AWS allows. What is quadratic costs 16 times as much there. The cost is the thread's time on a processor,
// without the garbage collector's: what else runs on the machine does not count.
func TestConversionIsLinear(t *testing.T) {
	const short, long, tolerated = 3_000, 48_000, 6
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			few, many := shape(short), shape(long)
			require.InDelta(t, long, len(many), long/20)
			ratio := float64(costOfEvent(t, many)) / float64(max(1, costOfEvent(t, few)))
			require.Less(t, ratio, float64(tolerated), "an event of %d beside one of %d", len(many), len(few))
		})
	}
}

// costOfEvent is the least of three measurements.
func costOfEvent(t *testing.T, events []history.Event) time.Duration {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	least := time.Duration(1<<63 - 1)
	for range 3 {
		runtime.GC()
		start := threadTime(t)
		convert.New(convert.Execution{ARN: workflow}, nil).Feed(events...)
		least = min(least, (threadTime(t)-start)/time.Duration(len(events)))
	}
	return least
}

// threadTime is how long the thread has run.
func threadTime(t *testing.T) time.Duration {
	t.Helper()
	var now unix.Timespec
	require.NoError(t, unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &now))
	return time.Duration(now.Nano())
}
