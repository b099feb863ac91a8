package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPointsInTime(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"90d":                  time.Date(2026, 8, 28, 12, 0, 0, 0, time.UTC),
		"1d12h":                time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC),
		"90m":                  time.Date(2026, 11, 26, 10, 30, 0, 0, time.UTC),
		"0s":                   now,
		"2026-11-01":           time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC),
		"2026-11-01T08:00:00Z": time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC),
	} {
		got, err := parsePoint(text, now)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "d", "-1d", "-1h", "1d-30h", "70000d", "1w", "5", "2026-13-01", "1.5d", "tomorrow"} {
		_, err := parsePoint(text, now)
		require.ErrorContains(t, err, "is neither how long ago", text)
	}
}
