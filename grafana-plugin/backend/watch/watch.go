// Package watch looks for changes in the store.
package watch

import (
	"context"
	"time"

	"github.com/coder/quartz"
	"github.com/grafana/grafana-plugin-sdk-go/backend/log"

	"github.com/steptrace/steptrace/store"
)

const (
	// Interval is how often the store is asked.
	Interval = time.Second
	// Window is how far back a sliding count goes at least, twice as far at most: what comes later than that after it
	// happened is not seen.
	Window = 5 * time.Minute
	// patience is how long the store may take to answer.
	patience = 10 * time.Second
)

// Watch asks the store again and again how much it has.
type Watch struct {
	Clock quartz.Clock
	// Count counts what began since a time.
	Count func(ctx context.Context, since time.Time) (store.Counts, error)
	// Sliding counts the last minutes only; else since is zero.
	Sliding bool
	Logger  log.Logger

	since time.Time
	last  *store.Counts
	away  bool
}

// Run calls changed with the first counts and then each time that they are others, at most once each Interval, until ctx
// ends or changed fails. While the store is away it goes on asking.
func (w *Watch) Run(ctx context.Context, changed func(time.Time, store.Counts) error) error {
	ticker := w.Clock.NewTicker(Interval, "watch")
	defer ticker.Stop()
	for {
		if counts, news := w.look(ctx); news {
			if err := changed(w.Clock.Now(), counts); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// look asks once. Where the window moves on, what is there to begin with is counted before the old window is looked at,
// so that nothing falls between the two.
func (w *Watch) look(ctx context.Context) (counts store.Counts, news bool) {
	asking, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	moved := w.moved()
	begin := store.Counts{}
	var err error
	if moved != w.since {
		begin, err = w.Count(asking, moved)
	}
	if err == nil && (moved == w.since || w.last != nil) {
		counts, err = w.Count(asking, w.since)
	}
	if w.note(ctx, err); err != nil {
		return store.Counts{}, false
	}
	if moved == w.since {
		news = w.last == nil || counts != *w.last
		w.last = &counts
		return counts, news
	}
	news = w.last == nil || counts != *w.last
	w.since, w.last = moved, &begin
	return begin, news
}

// moved is when counting is to begin.
func (w *Watch) moved() time.Time {
	now := w.Clock.Now()
	if !w.Sliding || now.Sub(w.since) < 2*Window {
		return w.since
	}
	return now.Add(-Window)
}

// note logs when the store goes away and when it is back, and not each time between.
func (w *Watch) note(ctx context.Context, err error) {
	switch {
	case err != nil && !w.away && ctx.Err() == nil:
		w.away = true
		w.Logger.Warn("cannot look for changes; goes on trying", "error", err)
	case err == nil && w.away:
		w.away = false
		w.Logger.Info("looks for changes again")
	}
}
