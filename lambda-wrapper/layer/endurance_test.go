package main

import (
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// enduring is how many invocations TestNothingIsLost makes.
const enduring = 300

// TestNothingIsLost invokes a function that is frozen in between, fails, times out and dies, while the collector goes
// away for a while now and then. What is lost at all is in an environment that ends while the collector is away, so
// that environments end only while it is there.
func TestNothingIsLost(t *testing.T) {
	if testing.Short() {
		t.Skip("takes ten seconds")
	}
	f, c := traced(t)
	f.limit(5)
	random := rand.New(rand.NewPCG(1, 2))
	var want []string
	away := false
	for n := range enduring {
		if n%10 == 0 {
			away = !away && random.IntN(2) == 0
			c.answer(map[bool]int{true: http.StatusServiceUnavailable}[away])
		}
		want = append(want, f.invoke(enduringEvent(random, n, away)).requestID)
		think(t, time.Duration(random.Int64N(int64(3*time.Millisecond))))
	}
	c.answer(0)
	require.NoError(t, f.service.Close(context.Background())) // a shutdown sends what is left
	got := c.requests()
	slices.Sort(got)
	slices.Sort(want)
	require.Equal(t, want, got)
}

// enduringEvent ends the environment now and then, unless the collector is away.
func enduringEvent(random *rand.Rand, n int, away bool) string {
	switch {
	case !away && n == enduring/2:
		return `{"do":"sleep"}`
	case !away && random.IntN(50) == 0:
		return `{"do":"kill"}`
	case random.IntN(5) == 0:
		return `{"do":"fail"}`
	case random.IntN(3) == 0:
		return `{"spans":[` + sdkSpan("a1", "b1", "", "outer") + `]}`
	default:
		return `{}`
	}
}

// think lets the frozen environment be for a while.
func think(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-time.After(d):
	case <-t.Context().Done():
	}
}
