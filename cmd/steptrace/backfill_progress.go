package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"go.uber.org/zap/zapcore"

	"github.com/steptrace/steptrace/agent"
)

// reportInterval is the time between two lines where no terminal shows a bar.
const reportInterval = 30 * time.Second

// backfillProgress shows how far a backfill has got: on a terminal as a bar, elsewhere as a line now and then.
type backfillProgress struct {
	progress
	began, reported time.Time
	first           *agent.Progress // from which on this process has read
	firstAt         time.Time
}

func newBackfillProgress(w io.Writer, now time.Time) *backfillProgress {
	return &backfillProgress{progress: *newProgress(w), began: now, reported: now}
}

func (b *backfillProgress) show(p agent.Progress, now time.Time) {
	if b.first == nil && !p.Listing {
		b.first, b.firstAt = &p, now
	}
	line := b.line(p, now)
	if b.terminal {
		b.step(line)
		return
	}
	if now.Sub(b.reported) >= reportInterval {
		b.reported = now
		b.step(line)
	}
}

func (b *backfillProgress) line(p agent.Progress, now time.Time) string {
	if p.Listing {
		return fmt.Sprintf("listing executions: %d found", p.Found)
	}
	line := fmt.Sprintf("%s %d/%d executions, %d events", bar(p.Done, p.Found), p.Done, p.Found, p.Events)
	elapsed := now.Sub(b.firstAt)
	if elapsed < time.Second || p.Done == b.first.Done {
		return line
	}
	line += fmt.Sprintf(", %.0f events/s", float64(p.Events-b.first.Events)/elapsed.Seconds())
	if left := p.Found - p.Done; left > 0 {
		each := elapsed / time.Duration(p.Done-b.first.Done)
		line += ", about " + roughly(each*time.Duration(left)) + " left"
	}
	return line
}

// roughly is a duration in the units that people care about.
func roughly(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%.0f days", d.Hours()/24)
	case d >= 2*time.Hour:
		return fmt.Sprintf("%.0f hours", d.Hours())
	case d >= 2*time.Minute:
		return fmt.Sprintf("%.0f minutes", d.Minutes())
	}
	return fmt.Sprintf("%.0f seconds", d.Seconds())
}

const barWidth = 24

func bar(done, of int) string {
	filled := 0
	if of > 0 {
		filled = min(barWidth, done*barWidth/of)
	}
	return "[" + strings.Repeat("█", filled) + strings.Repeat("░", barWidth-filled) + "]"
}

// aside lets a logger that writes to the same terminal clear the bar's line first.
func (b *backfillProgress) aside(core zapcore.Core) zapcore.Core {
	if !b.terminal {
		return core
	}
	return &asideCore{Core: core, clear: func() { fmt.Fprint(b.w, "\r\x1b[K") }}
}

type asideCore struct {
	zapcore.Core
	clear func()
}

func (c *asideCore) With(fields []zapcore.Field) zapcore.Core {
	return &asideCore{Core: c.Core.With(fields), clear: c.clear}
}

func (c *asideCore) Check(e zapcore.Entry, to *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if c.Enabled(e.Level) {
		return to.AddCore(e, c)
	}
	return to
}

func (c *asideCore) Write(e zapcore.Entry, fields []zapcore.Field) error {
	c.clear()
	return c.Core.Write(e, fields)
}
