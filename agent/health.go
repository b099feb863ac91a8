package agent

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/coder/quartz"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"

	"github.com/steptrace/steptrace/spanid/semconv"
)

// health is what the agent says of itself as metrics.
type health struct {
	running, backlog          atomic.Int64
	due, unread               atomic.Pointer[time.Time] // since when somebody waits; nil: nobody does
	events, finished, dropped metric.Int64Counter
	registration              metric.Registration
	place                     metric.MeasurementOption
	clock                     quartz.Clock
}

func newHealth(m metric.Meter, place []attribute.KeyValue, clock quartz.Clock) (*health, error) {
	if m == nil {
		m = noop.Meter{}
	}
	h := &health{place: metric.WithAttributes(place...), clock: clock}
	errs := []error{
		counter(m, &h.events, semconv.MetricEvents, "{event}", "History events that the pipelines accepted"),
		counter(m, &h.finished, semconv.MetricFinished, "{execution}", "Executions read to their end"),
		counter(m, &h.dropped, semconv.MetricSampledOut, "{execution}", "Executions that sampling left out"),
	}
	running, err1 := m.Int64ObservableGauge(semconv.MetricRunning, metric.WithUnit("{execution}"),
		metric.WithDescription("Executions that are followed and have not ended"))
	backlog, err2 := m.Int64ObservableGauge(semconv.MetricBacklog, metric.WithUnit("{execution}"),
		metric.WithDescription("Executions whose turn the last poll did not come to, for want of quota"))
	lag, err3 := m.Float64ObservableGauge(semconv.MetricLag, metric.WithUnit("s"),
		metric.WithDescription("How long ago the execution that waits longest should have been read"))
	unread, err4 := m.Float64ObservableGauge(semconv.MetricOldestUnread, metric.WithUnit("s"),
		metric.WithDescription("Time since the start of the oldest execution of which nothing has been read"))
	if err := errors.Join(append(errs, err1, err2, err3, err4)...); err != nil {
		return nil, err
	}
	var err error
	h.registration, err = m.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		o.ObserveInt64(running, h.running.Load(), h.place)
		o.ObserveInt64(backlog, h.backlog.Load(), h.place)
		o.ObserveFloat64(lag, h.since(&h.due), h.place)
		o.ObserveFloat64(unread, h.since(&h.unread), h.place)
		return nil
	}, running, backlog, lag, unread)
	return h, err
}

func counter(m metric.Meter, to *metric.Int64Counter, name, unit, description string) (err error) {
	*to, err = m.Int64Counter(name, metric.WithUnit(unit), metric.WithDescription(description))
	return err
}

// since is for how many seconds somebody has been waiting. It grows while a poll is held up, by the consumer, say.
func (h *health) since(at *atomic.Pointer[time.Time]) float64 {
	if t := at.Load(); t != nil {
		return max(0, h.clock.Since(*t).Seconds())
	}
	return 0
}

// measure looks at the executions after a poll. queue are those that were to be read; the others are to be read, and
// new ones found, an interval later.
func (h *health) measure(trackers map[string]*tracker, queue []*tracker, now time.Time, interval time.Duration) {
	var backlog int64
	var unread *time.Time
	for _, t := range trackers {
		if t.accepted == 0 && !t.deferred && (unread == nil || t.execution.Started.Before(*unread)) {
			started := t.execution.Started
			unread = &started
		}
	}
	due := now.Add(interval)
	for _, t := range queue {
		if t.looked.Equal(now) && t.prepared {
			continue
		}
		backlog++
		due = earlier(due, t.looked.Add(interval))
	}
	h.running.Store(int64(len(trackers)))
	h.backlog.Store(backlog)
	h.due.Store(&due)
	h.unread.Store(unread)
}

func (h *health) accepted(ctx context.Context, events int, finished bool) {
	h.events.Add(ctx, int64(events), h.place)
	if finished {
		h.finished.Add(ctx, 1, h.place)
	}
}

func (h *health) sampledOut(ctx context.Context) { h.dropped.Add(ctx, 1, h.place) }

// close ends the observation. (The registration of a meter that is there has no error.)
func (h *health) close() { _ = h.registration.Unregister() }
