package vendedlogs_test

import (
	"fmt"
	"testing"

	"github.com/steptrace/steptrace/agent/history/historytest"
	"github.com/steptrace/steptrace/agent/vendedlogs"
)

// BenchmarkLines takes the lines of executions of twelve events, a hundred executions at the same time, in order, beside
// ten thousand that are held. One operation is one line.
func BenchmarkLines(b *testing.B) {
	limits := defaults()
	limits.MaxExecutions, limits.MaxBytes, limits.MaxRemembered = 20_000, 1<<30, 100_000
	a := vendedlogs.New(limits)
	events := historytest.Parse(b, resizing)
	for i := range 10_000 {
		a.Add(at(0), lines(fmt.Sprint(express, "held", i), events[:2])...)
	}
	b.ReportAllocs()
	b.ResetTimer()
	var batch []vendedlogs.Line
	for n, round := 0, 0; n < b.N; round++ {
		batch = batch[:0]
		for i := range 100 {
			batch = append(batch, lines(fmt.Sprint(express, round, " ", i), events)...)
		}
		a.Add(at(round/100), batch...)
		n += len(batch)
	}
}
