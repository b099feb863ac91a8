package query

import "time"

// The store's times, as far as all of its types reach. Grafana sends any number of milliseconds.
var first, last = time.Date(1970, 1, 2, 0, 0, 0, 0, time.UTC), time.Date(2106, 1, 1, 0, 0, 0, 0, time.UTC)

// within is the nearest of the store's times.
func within(t time.Time) time.Time {
	switch {
	case t.Before(first):
		return first
	case t.After(last):
		return last
	}
	return t
}
