package lambda

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/steptrace/steptrace/sandbox/lambda/environment"
)

// report is what the REPORT line of an invocation tells.
type report struct {
	requestID string
	duration  time.Duration
	init      time.Duration // 0 for a warm start
	memoryMB  int
	maxMB     int // 0: unknown
	failure   *environment.Failure
}

func (r report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "REPORT RequestId: %s\tDuration: %.2f ms\tBilled Duration: %.0f ms\tMemory Size: %d MB",
		r.requestID, milliseconds(r.duration), math.Ceil(milliseconds(r.duration+r.init)), r.memoryMB)
	if r.maxMB > 0 {
		fmt.Fprintf(&b, "\tMax Memory Used: %d MB", r.maxMB)
	}
	if r.init > 0 {
		fmt.Fprintf(&b, "\tInit Duration: %.2f ms", milliseconds(r.init))
	}
	b.WriteString("\t" + statusOf(r.failure))
	return b.String()
}

// initReport is the INIT_REPORT line of an init phase that failed.
func initReport(duration time.Duration, f *environment.Failure) string {
	return fmt.Sprintf("INIT_REPORT Init Duration: %.2f ms\tPhase: init\t%s", milliseconds(duration), statusOf(f))
}

func statusOf(f *environment.Failure) string {
	switch {
	case f == nil:
		return ""
	case f.Type == environment.TypeTimeout:
		return "Status: timeout"
	}
	return "Status: error\tError Type: " + f.Type
}

// failureLines are how the platform logs the end of an environment.
func failureLines(requestID string, f *environment.Failure, now time.Time) string {
	if f.Type == environment.TypeTimeout {
		return now.UTC().Format("2006-01-02T15:04:05.000Z") + " " + requestID + " " + f.Message + "\n"
	}
	return "RequestId: " + requestID + " Error: " + f.Message + "\n" + f.Type
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
