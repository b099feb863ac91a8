package convert_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/agent/history/historytest"
)

// wide is a history of 25,000 events, the most AWS allows: one Map with 4,166 concurrent iterations, each of one task.
func wide(b *testing.B) []history.Event {
	b.Helper()
	const iterations = 4166
	var lines strings.Builder
	id := 0
	line := func(previous int, rest string) int {
		id++
		fmt.Fprintf(&lines, "%d <- %d +%d %s\n", id, previous, id, rest)
		return id
	}
	input := "input=`{\"key\":\"" + strings.Repeat("x", 200) + "\"}`"
	line(0, "ExecutionStarted "+input)
	started := line(line(0, "MapStateEntered name=Each "+input), "MapStateStarted length=4166")
	previous := make([]int, iterations)
	for step := range 6 {
		for i := range previous {
			switch step {
			case 0:
				previous[i] = line(started, fmt.Sprintf("MapIterationStarted name=Each index=%d", i))
			case 1:
				previous[i] = line(previous[i], "TaskStateEntered name=Work "+input)
			case 2:
				previous[i] = line(previous[i], "LambdaFunctionScheduled resource=arn:aws:lambda:eu-west-1:1:function:f "+input)
			case 3:
				previous[i] = line(previous[i], "LambdaFunctionSucceeded output=`{}`")
			case 4:
				previous[i] = line(previous[i], "TaskStateExited name=Work")
			case 5:
				line(previous[i], fmt.Sprintf("MapIterationSucceeded name=Each index=%d", i))
			}
		}
	}
	line(id, "MapStateSucceeded")
	return historytest.Parse(b, lines.String())
}

func BenchmarkConvertWideHistory(b *testing.B) {
	events := wide(b)
	b.ReportAllocs()
	for b.Loop() {
		convert.New(convert.Execution{ARN: workflow}, nil).Feed(events...)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(events)), "ns/event")
}
