package clickhouseexporter

import (
	"context"
	"sync"
	"time"

	"github.com/coder/quartz"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// waiting knows how long rows have been in the sending queue: they leave it in the order in which they came. Of rows
// that another process left in the queue it does not know.
type waiting struct {
	clock   quartz.Clock
	queued  bool // rows wait after they were accepted; else only until that is known
	retries bool // what failed comes again, and waits until then

	mu       sync.Mutex
	arrivals []arrival
}

func newWaiting(clock quartz.Clock, cfg *Config) *waiting {
	queued := cfg.Queue.HasValue() && !cfg.Queue.Get().WaitForResult
	return &waiting{clock: clock, queued: queued, retries: cfg.Retry.Enabled && cfg.Retry.MaxElapsedTime == 0}
}

// arrival is rows that came within a moment.
type arrival struct {
	at   time.Time
	rows int
}

// moment bounds the memory: an hour of waiting is 3600 arrivals.
const moment = time.Second

func (w *waiting) accept(rows int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.clock.Now()
	if n := len(w.arrivals); n > 0 && now.Sub(w.arrivals[n-1].at) < moment {
		w.arrivals[n-1].rows += rows
		return
	}
	w.arrivals = append(w.arrivals, arrival{now, rows})
}

// takeBack forgets rows that wait no longer, or were not accepted after all.
func (w *waiting) takeBack(rows int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for rows > 0 && len(w.arrivals) > 0 {
		last := &w.arrivals[len(w.arrivals)-1]
		n := min(rows, last.rows)
		rows -= n
		if last.rows -= n; last.rows == 0 {
			w.arrivals = w.arrivals[:len(w.arrivals)-1]
		}
	}
}

// settle is told what became of a batch, and how much of it is left when it failed and may come again.
func (w *waiting) settle(rows, left int, err error) {
	if !w.queued {
		return
	}
	if err == nil || consumererror.IsPermanent(err) || !w.retries {
		left = 0
	}
	w.done(rows - left)
}

func (w *waiting) done(rows int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for rows > 0 && len(w.arrivals) > 0 {
		first := &w.arrivals[0]
		n := min(rows, first.rows)
		rows -= n
		if first.rows -= n; first.rows == 0 {
			w.arrivals = w.arrivals[1:]
		}
	}
}

// oldest is how long the row has waited that came first; 0 when none waits.
func (w *waiting) oldest() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.arrivals) == 0 {
		return 0
	}
	return w.clock.Since(w.arrivals[0].at)
}

// admit has rows wait from before they are accepted, for they may be stored before that is known.
func (w *waiting) admit(rows int, accept func() error) error {
	if rows == 0 {
		return accept()
	}
	w.accept(rows)
	err := accept()
	if err != nil || !w.queued {
		w.takeBack(rows)
	}
	return err
}

type admittedTraces struct {
	exporter.Traces
	waiting *waiting
}

func (a admittedTraces) ConsumeTraces(ctx context.Context, td ptrace.Traces) error {
	return a.waiting.admit(td.SpanCount(), func() error { return a.Traces.ConsumeTraces(ctx, td) })
}

type admittedLogs struct {
	exporter.Logs
	waiting *waiting
}

func (a admittedLogs) ConsumeLogs(ctx context.Context, ld plog.Logs) error {
	return a.waiting.admit(ld.LogRecordCount(), func() error { return a.Logs.ConsumeLogs(ctx, ld) })
}

type admittedMetrics struct {
	exporter.Metrics
	waiting *waiting
}

func (a admittedMetrics) ConsumeMetrics(ctx context.Context, md pmetric.Metrics) error {
	return a.waiting.admit(md.DataPointCount(), func() error { return a.Metrics.ConsumeMetrics(ctx, md) })
}
