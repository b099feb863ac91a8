package main

import (
	"runtime"
	"syscall"
	"time"
)

// rowCosts is what handling rows took, by batch, in microseconds a row.
type rowCosts struct {
	cpu, wall, allocations []float64
}

// add measures do, which handles so many rows, after the garbage of what was before has been collected.
func (c *rowCosts) add(rows int, do func() error) error {
	runtime.GC()
	allocations, cpu, start := mallocs(), processorTime(), time.Now()
	if err := do(); err != nil {
		return err
	}
	each := func(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) / float64(rows) }
	c.wall = append(c.wall, each(time.Since(start)))
	c.cpu = append(c.cpu, each(processorTime()-cpu))
	c.allocations = append(c.allocations, float64(mallocs()-allocations)/float64(rows))
	return nil
}

// perSecond is how many rows a second of the median cost handles.
func perSecond(costs []float64) float64 { return float64(time.Second/time.Microsecond) / median(costs) }

func mallocs() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.Mallocs
}

// processorTime is what this process has used, of all processors and in the kernel.
func processorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err) // it fails for wrong arguments only
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
