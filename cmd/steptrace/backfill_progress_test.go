package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/steptrace/steptrace/agent"
)

var shownAt = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

func TestTheBarShowsHowFarABackfillIs(t *testing.T) {
	var screen bytes.Buffer
	show := newBackfillProgress(&screen, shownAt)
	show.terminal = true
	line := func(p agent.Progress, after time.Duration) string {
		screen.Reset()
		show.show(p, shownAt.Add(after))
		return screen.String()
	}
	require.Equal(t, "\r\x1b[Klisting executions: 7 found", line(agent.Progress{Listing: true, Found: 7}, 0))
	require.Equal(t, "\r\x1b[K[██████░░░░░░░░░░░░░░░░░░] 100/400 executions, 900 events",
		line(agent.Progress{Found: 400, Done: 100, Events: 900}, 10*time.Second), "a former process has read those")
	require.Equal(t, "\r\x1b[K[████████████░░░░░░░░░░░░] 200/400 executions, 1900 events, 20 events/s, about 100 seconds left",
		line(agent.Progress{Found: 400, Done: 200, Events: 1900}, 60*time.Second))
	require.Equal(t, "\r\x1b[K[████████████████████████] 400/400 executions, 3900 events, 30 events/s",
		line(agent.Progress{Found: 400, Done: 400, Events: 3900}, 110*time.Second))
	logger := zap.New(show.aside(zapcore.NewCore(
		zapcore.NewConsoleEncoder(zapcore.EncoderConfig{MessageKey: "m"}), zapcore.AddSync(&screen), zap.WarnLevel)))
	screen.Reset()
	logger.Info("not said")
	logger.With(zap.Int("n", 1)).Warn("said")
	require.Equal(t, "\r\x1b[Ksaid\t{\"n\": 1}\n", screen.String(), "not behind the bar")
}

func TestWithoutATerminalALineComesNowAndThen(t *testing.T) {
	var out bytes.Buffer
	show := newBackfillProgress(&out, shownAt)
	for second := range 65 {
		show.show(agent.Progress{Found: 10, Done: second / 10}, shownAt.Add(time.Duration(second)*time.Second))
	}
	show.done()
	require.Equal(t, "[███████░░░░░░░░░░░░░░░░░] 3/10 executions, 0 events, 0 events/s, about 70 seconds left\n"+
		"[██████████████░░░░░░░░░░] 6/10 executions, 0 events, 0 events/s, about 40 seconds left\n", out.String())
}

func TestRoughly(t *testing.T) {
	for d, want := range map[time.Duration]string{
		5 * time.Second: "5 seconds", 119 * time.Second: "119 seconds", 150 * time.Second: "2 minutes",
		100 * time.Minute: "100 minutes", 47 * time.Hour: "47 hours", 72 * time.Hour: "3 days",
	} {
		require.Equal(t, want, roughly(d))
	}
}
