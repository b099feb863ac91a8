package demo

import (
	"context"
	"fmt"
	"strings"

	"github.com/steptrace/steptrace/image-workflow/samples"
	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store"
)

// look reads every upload's trace out of the store, but for those in settled, by execution ARN: those that are as they
// must be. It adds to them.
func (d *Demo) look(ctx context.Context, all []samples.Sample, settled map[string]store.Trace) ([]result, error) {
	executions, err := d.DB.Executions(ctx, store.ExecutionFilter{Since: d.Started})
	if err != nil {
		return nil, err
	}
	byKey := map[string]store.Trace{}
	for _, e := range executions {
		t, known := settled[e.ExecutionARN]
		if !known {
			if t, err = d.DB.Trace(ctx, e.ExecutionARN); err != nil {
				return nil, err
			}
		}
		if key := uploadedKey(t); key != "" {
			byKey[key] = t
		}
	}
	results := make([]result, len(all))
	for i, sample := range all {
		t, found := byKey[sample.Name]
		results[i] = result{sample: sample, trace: t, found: found, problems: []string{"no trace in the store"}}
		if found {
			results[i].problems = Check(t, sample.IsImage)
		}
		if len(results[i].problems) == 0 {
			settled[t.ExecutionARN] = t
		}
	}
	return results, nil
}

func uploadedKey(t store.Trace) string {
	for _, s := range t.Spans {
		if s.Attributes[semconv.Kind] == semconv.KindTrigger {
			return s.Attributes[semconv.S3Key]
		}
	}
	return ""
}

func pending(results []result) int {
	n := 0
	for _, r := range results {
		if len(r.problems) > 0 {
			n++
		}
	}
	return n
}

// summary is one line of progress.
func summary(results []result) string {
	done := map[string]int{}
	for _, r := range results {
		if len(r.problems) == 0 {
			done[r.trace.Status]++
		} else {
			done["under way"]++
		}
	}
	var parts []string
	for _, status := range []string{statusSucceeded, statusFailed, "under way"} {
		if n := done[status]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, strings.ToLower(status)))
		}
	}
	return "traces in ClickHouse: " + strings.Join(parts, ", ")
}
