// Command bench measures what matters beside its peer in the same run and prints one line a figure:
//
//	figure NAME VALUE UNIT peer=VALUE ratio=OURS/PEER
//
// Values are medians. `make bench` runs it; docs/performance.md explains the figures.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	for _, measure := range []func(context.Context) ([]figure, error){
		functionFigures, convertFigures, storeFigures,
	} {
		figures, err := measure(ctx)
		if err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		for _, f := range figures {
			fmt.Println(f)
		}
	}
}

// figure is one measurement of ours beside the peer's, both in unit.
type figure struct {
	name       string
	ours, peer float64
	unit       string
}

func (f figure) String() string {
	return fmt.Sprintf("figure %s %.4g %s peer=%.4g ratio=%.3f", f.name, f.ours, f.unit, f.peer, f.ours/f.peer)
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	if n := len(sorted); n%2 == 0 {
		return (sorted[n/2-1] + sorted[n/2]) / 2
	}
	return sorted[len(sorted)/2]
}
