package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// parsePoint reads a point in time as people write it: how long ago (90d, 36h, 1d12h), a day (its begin in UTC), or a
// time.
func parsePoint(text string, now time.Time) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	ago, err := parseAgo(text)
	if err != nil || ago < 0 {
		return time.Time{}, fmt.Errorf("%q: is neither how long ago, like 90d or 12h, nor a date like 2026-11-01, "+
			"nor a time like 2026-11-01T08:00:00Z", text)
	}
	return now.Add(-ago), nil
}

// parseAgo is time.ParseDuration with days before the rest.
func parseAgo(text string) (time.Duration, error) {
	days, rest, found := strings.Cut(text, "d")
	if !found {
		return time.ParseDuration(text)
	}
	n, err := strconv.ParseUint(days, 10, 16) // 179 years
	if err != nil || rest == "" {
		return time.Duration(n) * 24 * time.Hour, err
	}
	more, err := time.ParseDuration(rest)
	return time.Duration(n)*24*time.Hour + more, err
}
