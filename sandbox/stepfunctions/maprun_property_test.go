package stepfunctions

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/steptrace/steptrace/sandbox/awswire"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/interpreter"
)

// mapCase is a drawn Map state in distributed mode over the items "0", "1" … of which some are bad.
type mapCase struct {
	items       []string
	batch       int // 0: not batched
	concurrency int
	count       int // tolerated; -1: not given
	percentage  int // likewise
}

func drawMapCase(t *rapid.T) mapCase {
	var c mapCase
	for n := range rapid.IntRange(0, 30).Draw(t, "items") {
		kind := rapid.SampledFrom([]string{"good", "good", "good", "bad"}).Draw(t, "kind")
		c.items = append(c.items, fmt.Sprintf("%s %d", kind, n))
	}
	c.batch = rapid.IntRange(0, 5).Draw(t, "batch")
	c.concurrency = rapid.IntRange(0, 4).Draw(t, "concurrency")
	c.count = rapid.IntRange(-1, 10).Draw(t, "count")
	c.percentage = rapid.SampledFrom([]int{-1, 0, 10, 50, 100}).Draw(t, "percentage")
	return c
}

func (c mapCase) definition() string {
	fields := fmt.Sprintf(`"MaxConcurrency":%d,`, c.concurrency)
	if c.batch > 0 {
		fields += fmt.Sprintf(`"ItemBatcher":{"MaxItemsPerBatch":%d},`, c.batch)
	}
	if c.count >= 0 {
		fields += fmt.Sprintf(`"ToleratedFailureCount":%d,`, c.count)
	}
	if c.percentage >= 0 {
		fields += fmt.Sprintf(`"ToleratedFailurePercentage":%d,`, c.percentage)
	}
	return distributed("STANDARD", fields)
}

// failures is how many items are in children that fail.
func (c mapCase) failures() int {
	size, failures := max(c.batch, 1), 0
	for start := 0; start < len(c.items); start += size {
		batch := c.items[start:min(start+size, len(c.items))]
		if strings.Contains(strings.Join(batch, ","), "bad") {
			failures += len(batch)
		}
	}
	return failures
}

func (c mapCase) tolerated() bool {
	failures := c.failures()
	if c.count < 0 && c.percentage < 0 {
		return failures == 0
	}
	return (c.count < 0 || failures <= c.count) && (c.percentage < 0 || failures*100 <= c.percentage*len(c.items))
}

// Whatever the items, batches, failures and tolerances: each item is in one child, the counts add up, the Map Run ends
// as the tolerances say, and the histories are sound; a redrive then brings all that is left to its end.
func TestMapRunsAreSound(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := drawMapCase(rt)
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		function := &faltering{}
		s := New(Config{InvokeLambda: function.invoke})
		machine, valid := create(s, c.definition())
		require.True(rt, valid)
		input, err := json.Marshal(append([]string{}, c.items...))
		require.NoError(rt, err)
		text := string(input)
		started, err := s.StartExecution(ctx, StartExecutionInput{StateMachineARN: machine, Input: &text})
		require.NoError(rt, err)
		x, err := s.execution(started.ExecutionARN)
		require.NoError(rt, err)
		c.await(ctx, rt, x)
		c.check(t, rt, s, x)
		if c.concurrency > 0 && c.tolerated() { // calls of aborted children go on
			require.LessOrEqual(rt, function.most.Load(), int64(c.concurrency))
		}
		if !c.tolerated() {
			function.healed.Store(true)
			_, err = s.redriveExecution(ctx, redriveExecutionInput{ExecutionARN: x.ARN})
			require.NoError(rt, err)
			c.await(ctx, rt, x)
			c.checkRedriven(rt, s, x)
		}
		require.NoError(rt, s.Close(ctx))
	})
}

// faltering is a function that fails for bad items until it is healed.
type faltering struct {
	healed        atomic.Bool
	running, most atomic.Int64
}

func (f *faltering) invoke(_ context.Context, _ string, payload []byte, _ string, _ bool) (LambdaResult, error) {
	if now := f.running.Add(1); now > f.most.Load() {
		f.most.Store(now)
	}
	defer f.running.Add(-1)
	if strings.Contains(string(payload), "bad") && !f.healed.Load() {
		return LambdaResult{}, awswire.Errorf("ServiceException", "bad")
	}
	return LambdaResult{Payload: payload}, nil
}

func (c mapCase) await(ctx context.Context, rt *rapid.T, x *execution) {
	select {
	case <-x.History.Ended():
	case <-ctx.Done():
		rt.Fatal("the execution has not ended")
	}
}

// checkRedriven tells whether a redriven Map Run has all items in its results, in their order.
func (c mapCase) checkRedriven(rt *rapid.T, s *Service, x *execution) {
	info := s.mapRunsOf(x.ARN)[0].Info()
	require.Equal(rt, interpreter.StatusSucceeded, info.Status)
	require.Equal(rt, len(c.items), info.Items.Succeeded)
	var outputs []json.RawMessage
	require.NoError(rt, json.Unmarshal(x.History.Outcome().Output, &outputs))
	require.Len(rt, outputs, info.Executions.Total)
	var items []string
	for _, output := range outputs {
		items = append(items, itemsOf(rt, string(output))...)
	}
	require.Equal(rt, c.items, items)
}

func (c mapCase) check(t *testing.T, rt *rapid.T, s *Service, parent *execution) {
	checkHistory(t, parent.History.Events())
	runs := s.mapRunsOf(parent.ARN)
	require.Len(rt, runs, 1)
	info, want := runs[0].Info(), interpreter.StatusFailed
	if c.tolerated() {
		want = interpreter.StatusSucceeded
	}
	require.Equal(rt, want, info.Status)
	require.Equal(rt, want, parent.History.Outcome().Status)
	require.Equal(rt, len(c.items), info.Items.Total)
	for _, counts := range []interpreter.MapRunCounts{info.Items, info.Executions} {
		require.Zero(rt, counts.Running)
		require.Equal(rt, counts.Total, counts.Pending+counts.Succeeded+counts.Failed+counts.TimedOut+counts.Aborted)
	}
	seen, byStatus := map[string]int{}, map[string]int{}
	for _, x := range s.executions {
		if x.MapRun == nil {
			continue
		}
		checkHistory(t, x.History.Events())
		byStatus[x.History.Outcome().Status] += x.Items
		for _, item := range itemsOf(rt, x.InputText) {
			seen[item]++
		}
	}
	require.Equal(rt, info.Items.Succeeded, byStatus[interpreter.StatusSucceeded])
	require.Equal(rt, info.Items.Failed, byStatus[interpreter.StatusFailed])
	require.Equal(rt, info.Items.Aborted, byStatus[interpreter.StatusAborted])
	require.Len(rt, seen, len(c.items)-info.Items.Pending)
	for item, times := range seen {
		require.Equal(rt, 1, times, item)
	}
	if info.Status == interpreter.StatusSucceeded {
		require.Zero(rt, info.Items.Pending)
		require.Equal(rt, c.failures(), info.Items.Failed)
	}
}

// itemsOf are the items in the input of a child.
func itemsOf(t *rapid.T, input string) []string {
	if strings.HasPrefix(input, `"`) {
		var item string
		require.NoError(t, json.Unmarshal([]byte(input), &item))
		return []string{item}
	}
	var batch struct{ Items []string }
	require.NoError(t, json.Unmarshal([]byte(input), &batch))
	return batch.Items
}
