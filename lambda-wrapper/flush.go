package wrapper

import (
	"context"
	"fmt"
	"time"
)

// FlushPolicy says when spans are sent.
type FlushPolicy string

const (
	// FlushEnd sends after each response, before the environment is frozen. It is the default.
	FlushEnd FlushPolicy = "end"
	// FlushPeriodic sends after a response when enough spans have gathered or the oldest has waited long enough, and
	// when the environment is shut down. It is for functions that are invoked all the time: the spans of the last
	// invocations before a pause leave with the next one.
	FlushPeriodic FlushPolicy = "periodic"
	// FlushSync sends after each response, before the function asks for its next invocation: a call right behind it waits.
	// No extension is registered; it is what FlushEnd falls back to where there is no Extensions API.
	FlushSync FlushPolicy = "sync"
)

// The limits of FlushPeriodic by default.
const (
	flushSpans    = 512
	flushInterval = 10 * time.Second
)

func checkFlush(p FlushPolicy) error {
	switch p {
	case FlushEnd, FlushPeriodic, FlushSync:
		return nil
	default:
		return fmt.Errorf("the flush policy is %q; STEPTRACE_FLUSH or WithFlush must be end, periodic or sync", p)
	}
}

// afterResponse sends if the policy says so. Where several invocations run at a time nothing is frozen and none of
// them waits.
func (t *telemetry) afterResponse(ctx context.Context) {
	switch {
	case t.cfg.flush == FlushPeriodic && !t.sender.queue.due(t.cfg.flushSpans, t.cfg.flushInterval):
		if t.concurrent {
			t.sender.flushLater(ctx, t.cfg.flushInterval)
		}
	case t.concurrent:
		t.sender.flushBeside(ctx)
	default:
		t.sender.flush(ctx)
	}
}
