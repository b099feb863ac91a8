package agent

import (
	"cmp"
	"slices"
	"time"

	"github.com/steptrace/steptrace/agent/checkpoint"
)

// Progress is how far a backfill has got, over all its starts.
type Progress struct {
	Since    time.Time `json:"since"`
	Until    time.Time `json:"until"`
	Listing  bool      `json:"-"`       // there are more executions to be found
	Found    int       `json:"found"`   // executions of the period, and those that they led to
	Done     int       `json:"done"`    // of them, whatever came of it
	Nested   int       `json:"nested"`  // of those done, nested executions and children of Map Runs
	Events   int64     `json:"events"`  // accepted
	Read     int       `json:"read"`    // to their end
	Running  int       `json:"running"` // read as far as they have got
	Sampled  int       `json:"sampled_out"`
	Gone     int       `json:"gone"`     // AWS no longer has their history
	Refused  int       `json:"refused"`  // for good, in part at least
	Failed   int       `json:"failed"`   // to be read
	Left     []LeftOut `json:"left_out"` // executions gone, refused or failed, and state machines and Map Runs
	Complete bool      `json:"complete"` // all that AWS has is there
}

// LeftOut is an execution, or a state machine or Map Run with all of its executions, that is not there, and why.
type LeftOut struct {
	ARN    string `json:"arn"`
	Reason string `json:"reason"`
}

const (
	goneReason    = "AWS no longer has its history"
	refusedReason = "the backend refuses part of it for good; the log says why"
)

// Progress may be asked at any time.
func (b *Backfill) Progress() Progress {
	a := b.agent
	a.mu.Lock()
	defer a.mu.Unlock()
	st := a.state.Backfill
	p := Progress{
		Since: st.Since, Until: st.Until, Listing: b.sources.listing,
		Found: st.Total + st.Nested + int(b.listing.Load()), Done: st.Done + st.Nested, Nested: st.Nested,
		Events: st.Events, Left: append([]LeftOut{}, b.sources.left...),
	}
	for outcome, n := range st.Outcomes {
		p.add(outcome, n)
	}
	for _, arn := range st.Gone {
		p.Left = append(p.Left, LeftOut{arn, goneReason})
	}
	for arn, e := range a.state.Executions {
		b.addKnown(&p, arn, e)
	}
	slices.SortFunc(p.Left, func(x, y LeftOut) int { return cmp.Compare(x.ARN, y.ARN) })
	p.Complete = b.sources.over && p.Failed+p.Refused+len(b.sources.left) == 0
	return p
}

// sources is what a poll has found of the sources of executions.
type sources struct {
	listing bool // not all executions of the period are in the work list
	over    bool // nothing is left to do
	left    []LeftOut
}

// look notes for Progress how the sources stand.
func (b *Backfill) look(listed, done bool) {
	a := b.agent
	s := sources{listing: !listed, over: done}
	for arn, t := range b.attempts {
		if t.over {
			s.left = append(s.left, LeftOut{arn, t.rest.err.Error()})
		}
	}
	for arn := range a.state.MapRuns {
		if source := a.sources[arn]; source != nil && source.rest.failures >= maxTries {
			s.left = append(s.left, LeftOut{arn, source.rest.err.Error()})
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	b.sources = s
}

func (b *Backfill) addKnown(p *Progress, arn string, e checkpoint.Execution) {
	if !e.Listed {
		p.Found++
	}
	if !e.Finished && e.Outcome != checkpoint.Failed {
		return
	}
	p.Done++
	if !e.Listed {
		p.Nested++
	}
	p.add(e.Outcome, 1)
	switch e.Outcome {
	case checkpoint.Gone:
		p.Left = append(p.Left, LeftOut{arn, goneReason})
	case checkpoint.Refused:
		p.Left = append(p.Left, LeftOut{arn, refusedReason})
	case checkpoint.Failed:
		p.Left = append(p.Left, LeftOut{arn, b.given[arn]})
	case checkpoint.Running, checkpoint.SampledOut: // nobody misses them
	}
}

// Plus is the progress of both backfills, which have the same period.
func (p Progress) Plus(q Progress) Progress {
	p.Listing, p.Complete = p.Listing || q.Listing, p.Complete && q.Complete
	for to, n := range map[*int]int{
		&p.Found: q.Found, &p.Done: q.Done, &p.Nested: q.Nested, &p.Read: q.Read, &p.Running: q.Running,
		&p.Sampled: q.Sampled, &p.Gone: q.Gone, &p.Refused: q.Refused, &p.Failed: q.Failed,
	} {
		*to += n
	}
	p.Events += q.Events
	p.Left = slices.Concat(p.Left, q.Left)
	return p
}

func (p *Progress) add(outcome checkpoint.Outcome, n int) {
	switch outcome {
	case checkpoint.Running:
		p.Running += n
	case checkpoint.SampledOut:
		p.Sampled += n
	case checkpoint.Gone:
		p.Gone += n
	case checkpoint.Refused:
		p.Refused += n
	case checkpoint.Failed:
		p.Failed += n
	default:
		p.Read += n
	}
}
