package frame

import (
	"time"

	"github.com/steptrace/steptrace/grafana-plugin/backend/query"
)

// maxSteps is more than panels have points for.
const maxSteps = 2000

// Steps divides a range, as the store does: each begins at a multiple of the step since 1970.
type Steps struct {
	Since, Until time.Time
	Step         time.Duration // whole seconds
}

// StepsOf are those of a query, wider than it says if they would be too many.
func StepsOf(q query.Query) Steps {
	s := Steps{q.Since, q.Until, max(time.Duration(q.Step), time.Second)}
	for s.Until.Sub(s.Since)/s.Step > maxSteps {
		s = s.Wider()
	}
	return s
}

// Wider are steps of twice the length.
func (s Steps) Wider() Steps {
	s.Step *= 2
	return s
}

// fill puts zeros where there is no sample.
func (s Steps) fill(samples []sample) []sample {
	width := s.Step.Milliseconds()
	filled := make([]sample, 0, maxSteps)
	next := 0
	for at := s.Since.UnixMilli() / width * width; at < s.Until.UnixMilli(); at += width {
		if next < len(samples) && samples[next].at.UnixMilli() == at {
			filled = append(filled, samples[next])
			next++
			continue
		}
		filled = append(filled, sample{at: time.UnixMilli(at).UTC()})
	}
	return filled
}
