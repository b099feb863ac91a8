package render_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent"
	"github.com/steptrace/steptrace/cmd/steptrace/render"
)

func TestBackfill(t *testing.T) {
	p := agent.Progress{
		Since: time.Date(2026, 8, 28, 0, 0, 0, 0, time.UTC), Until: time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC),
		Found: 12, Done: 10, Nested: 2, Read: 4, Running: 1, Sampled: 1, Gone: 1, Refused: 1, Failed: 2, Events: 99,
		Left: []agent.LeftOut{{ARN: "arn:a", Reason: "AWS no\nlonger\x1b[31m has it"}},
	}
	require.Equal(t, `period      2026-08-28T00:00:00Z to 2026-11-26T00:00:00Z
executions  10 of 12: 4 read, 1 still running, 1 left out by sampling, 1 gone from AWS, 1 refused, 2 failed
nested      2 of them
events      99
left out    arn:a: AWS no longer�[31m has it
`, render.Backfill(p))
	for i := range 30 {
		p.Left = append(p.Left, agent.LeftOut{ARN: fmt.Sprint(i)})
	}
	p.Listing = true
	text := render.Backfill(p)
	require.Contains(t, text, "10 of 12, not all are found: 4 read")
	require.Equal(t, 21, strings.Count(text, "left out    "))
	require.True(t, strings.HasSuffix(text, "left out    … and 11 more; --output json names them\n"), text)
}
