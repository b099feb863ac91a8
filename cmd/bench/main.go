// Command bench measures what matters beside its peer in the same run and prints one line a figure:
//
//	figure NAME VALUE UNIT peer=VALUE ratio=OURS/PEER
//
// Values are medians. Arguments choose subjects: wrapper, agent, store, queries, dashboards; without any all are
// measured. -spans gives the sizes that the store is measured with. `make bench` runs it; docs/performance.md explains
// the figures.
package main

import (
	"context"
	"flag"
	"fmt"
	"math"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
)

type subject struct {
	name    string
	measure func(context.Context) ([]figure, error)
}

var subjects = []subject{
	{"wrapper", wrapperFigures},
	{"agent", convertFigures},
	{"store", storeFigures},
	{"queries", queryFigures},
	{"dashboards", dashboardFigures},
}

// sizes are how many spans the store is measured with.
var sizes = []int{100_000, 1_000_000}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if folder := os.Getenv(engineFolder); folder != "" {
		if err := runEngine(ctx, folder); err != nil {
			fmt.Fprintf(os.Stderr, "bench: the engine: %v\n", err)
			os.Exit(1)
		}
		return
	}
	flag.Func("spans", "sizes of the store, such as 1e5,1e6", setSizes)
	flag.Parse()
	chosen := flag.Args()
	for _, name := range chosen {
		if !slices.ContainsFunc(subjects, func(s subject) bool { return s.name == name }) {
			fmt.Fprintf(os.Stderr, "bench: there is no subject %q; choose wrapper, agent, store, queries or dashboards\n", name)
			os.Exit(2)
		}
	}
	for _, s := range subjects {
		if len(chosen) > 0 && !slices.Contains(chosen, s.name) {
			continue
		}
		figures, err := s.measure(ctx)
		if err != nil {
			fmt.Fprintf(os.Stderr, "bench: %s: %v\n", s.name, err)
			os.Exit(1)
		}
		for _, f := range figures {
			fmt.Println(f)
		}
	}
}

func setSizes(list string) error {
	sizes = nil
	for text := range strings.SplitSeq(list, ",") {
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || n < 1 {
			return fmt.Errorf("%q is not a number of spans", text)
		}
		sizes = append(sizes, int(n))
	}
	return nil
}

// figure is one measurement of ours beside the peer's, both in unit. The peer's is NaN where it has none.
type figure struct {
	name       string
	ours, peer float64
	unit       string
}

func (f figure) String() string {
	if math.IsNaN(f.peer) {
		return fmt.Sprintf("figure %s %.4g %s", f.name, f.ours, f.unit)
	}
	return fmt.Sprintf("figure %s %.4g %s peer=%.4g ratio=%.3f", f.name, f.ours, f.unit, f.peer, f.ours/f.peer)
}

func median(values []float64) float64 { return quantile(values, 0.5) }

// quantile is the value that a share q of them is below, between two of them in proportion.
func quantile(values []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	at := q * float64(len(sorted)-1)
	low := int(at)
	high := min(low+1, len(sorted)-1)
	return sorted[low] + (at-float64(low))*(sorted[high]-sorted[low])
}
