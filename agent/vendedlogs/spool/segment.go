package spool

import "time"

// segment is a file of the spool.
type segment struct {
	number      int
	size        int64
	first, last time.Time // when its lines arrived
}

// cover makes the segment's times hold the one given.
func (g *segment) cover(arrived time.Time) {
	if g.first.IsZero() || arrived.Before(g.first) {
		g.first = arrived
	}
	if arrived.After(g.last) {
		g.last = arrived
	}
}
