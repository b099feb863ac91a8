package vendedlogs

import (
	"container/list"
	"time"

	"github.com/steptrace/steptrace/spanid"
)

// Record is what is remembered of an execution that is not held any more: which of its events were handed over. A line
// that comes again must not begin the execution anew.
type Record struct {
	Last    int64      `json:"last"`           // the last event
	Gaps    [][2]int64 `json:"gaps,omitempty"` // first and last id of what was not seen, ascending
	Started time.Time  `json:"started"`
	Placed  time.Time  `json:"placed"` // of its latest line
}

// place notes a line's place, also of one that comes again: as long as it can be read, the record is needed.
func (r *Record) place(at time.Time) {
	if at.After(r.Placed) {
		r.Placed = at
	}
}

// maxGaps bounds a record. What is missing beyond that counts as seen.
const maxGaps = 64

func (r *Record) has(id int64) bool {
	for _, g := range r.Gaps {
		if g[0] <= id && id <= g[1] {
			return false
		}
	}
	return id <= r.Last
}

// skip notes that the events from the first to the last id were not seen, if there are any.
func (r *Record) skip(first, last int64) {
	if first <= last && len(r.Gaps) < maxGaps {
		r.Gaps = append(r.Gaps, [2]int64{first, last})
	}
}

// fill notes that an event in a gap was seen after all.
func (r *Record) fill(id int64) {
	gaps := r.Gaps
	r.Gaps = nil
	for _, g := range gaps {
		if id < g[0] || g[1] < id {
			r.skip(g[0], g[1])
			continue
		}
		r.skip(g[0], id-1)
		r.skip(id+1, g[1])
	}
}

// memory has the records of the executions that were held last.
type memory struct {
	most    int
	records map[spanid.TraceID]*list.Element
	oldest  *list.List // of remembered
}

type remembered struct {
	id     spanid.TraceID
	record *Record
}

func newMemory(most int) *memory {
	return &memory{most: most, records: make(map[spanid.TraceID]*list.Element), oldest: list.New()}
}

func (m *memory) get(arn string) (*Record, bool) {
	at, ok := m.records[spanid.Trace(arn)]
	if !ok {
		return nil, false
	}
	return at.Value.(remembered).record, true
}

func (m *memory) put(id spanid.TraceID, r *Record) {
	m.drop(id)
	m.records[id] = m.oldest.PushBack(remembered{id, r})
	for len(m.records) > m.most {
		m.drop(m.oldest.Front().Value.(remembered).id)
	}
}

func (m *memory) drop(id spanid.TraceID) {
	if at, ok := m.records[id]; ok {
		m.oldest.Remove(at)
		delete(m.records, id)
	}
}
