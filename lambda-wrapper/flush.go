package wrapper

import (
	"fmt"
	"strconv"
	"time"
)

// Flush says when ended spans are sent.
type Flush struct {
	mode     flushMode
	interval time.Duration // of periodic
	spans    int           // of periodic
}

type flushMode string

const (
	flushEnd      flushMode = "end"
	flushPeriodic flushMode = "periodic"
	flushSync     flushMode = "sync"
)

// FlushEnd sends after each response, as an extension that keeps the environment from freezing until the spans are out:
// no caller waits for them. It is the default. Where there is no Extensions API it is FlushSync.
func FlushEnd() Flush { return Flush{mode: flushEnd} }

// FlushSync sends after each response, before the function asks for its next invocation: the call behind it waits.
func FlushSync() Flush { return Flush{mode: flushSync} }

// FlushPeriodic sends after a response once that many spans wait or the oldest has waited so long, and before Lambda
// shuts the environment down. It is for functions that are invoked all the time: what waits in an environment that is
// not invoked any more is sent at its end only, and lost with a process that is killed.
func FlushPeriodic(interval time.Duration, spans int) Flush {
	return Flush{mode: flushPeriodic, interval: interval, spans: spans}
}

// Of STEPTRACE_FLUSH=periodic.
const (
	defaultInterval = 10 * time.Second
	defaultSpans    = 512
)

func flushOf(getenv func(string) string) (Flush, error) {
	f := Flush{mode: flushMode(getenv("STEPTRACE_FLUSH")), interval: defaultInterval, spans: defaultSpans}
	switch f.mode {
	case "":
		return FlushEnd(), nil
	case flushEnd, flushSync, flushPeriodic:
	default:
		return FlushEnd(), fmt.Errorf("STEPTRACE_FLUSH is %q; it must be end, periodic or sync", f.mode)
	}
	var err error
	if text := getenv("STEPTRACE_FLUSH_INTERVAL"); text != "" {
		if f.interval, err = time.ParseDuration(text); err != nil || f.interval <= 0 {
			return FlushEnd(), fmt.Errorf("STEPTRACE_FLUSH_INTERVAL is %q; it must be a duration such as 10s", text)
		}
	}
	if text := getenv("STEPTRACE_FLUSH_SPANS"); text != "" {
		if f.spans, err = strconv.Atoi(text); err != nil || f.spans <= 0 {
			return FlushEnd(), fmt.Errorf("STEPTRACE_FLUSH_SPANS is %q; it must be a positive number", text)
		}
	}
	return f, nil
}

// due tells whether spans of which the oldest has waited so long are to be sent.
func (f Flush) due(spans int, waited time.Duration) bool {
	return f.mode != flushPeriodic || spans >= f.spans || waited >= f.interval
}
