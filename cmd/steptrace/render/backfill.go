package render

import (
	"fmt"
	"strings"
	"time"

	"github.com/steptrace/steptrace/agent"
)

// maxLeftOut bounds the lines about what was left out; all of it is in the JSON output.
const maxLeftOut = 20

// Backfill is the summary of a backfill.
func Backfill(p agent.Progress) string {
	var out strings.Builder
	fmt.Fprintf(&out, "period      %s to %s\n", p.Since.Format(time.RFC3339), p.Until.Format(time.RFC3339))
	found := fmt.Sprint(p.Found)
	if p.Listing {
		found += ", not all are found"
	}
	fmt.Fprintf(&out, "executions  %d of %s: %d read", p.Done, found, p.Read)
	for _, count := range []struct {
		n    int
		what string
	}{
		{p.Running, "still running"},
		{p.Sampled, "left out by sampling"},
		{p.Gone, "gone from AWS"},
		{p.Refused, "refused"},
		{p.Failed, "failed"},
	} {
		if count.n > 0 {
			fmt.Fprintf(&out, ", %d %s", count.n, count.what)
		}
	}
	fmt.Fprintf(&out, "\nnested      %d of them\nevents      %d\n", p.Nested, p.Events)
	for i, left := range p.Left {
		if i == maxLeftOut {
			fmt.Fprintf(&out, "left out    … and %d more; --output json names them\n", len(p.Left)-i)
			break
		}
		fmt.Fprintf(&out, "left out    %s: %s\n", printable(left.ARN), printable(left.Reason))
	}
	return out.String()
}
