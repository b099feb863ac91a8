package cloudwatchlogs

import (
	"cmp"
	"math/big"
	"slices"
)

// event is a log event, in the members that answers have.
type event struct {
	LogStreamName string `json:"logStreamName"`
	Timestamp     int64  `json:"timestamp"` // milliseconds
	Message       string `json:"message"`
	IngestionTime int64  `json:"ingestionTime"`
	EventID       string `json:"eventId"`
	sequence      uint64
}

// position is where an event is among a group's.
type position struct {
	Timestamp int64
	Sequence  uint64
}

func (e event) position() position { return position{e.Timestamp, e.sequence} }

func (p position) compare(other position) int {
	return cmp.Or(cmp.Compare(p.Timestamp, other.Timestamp), cmp.Compare(p.Sequence, other.Sequence))
}

// Line is a log event to write.
type Line struct {
	Timestamp int64 // milliseconds
	Message   string
}

// put adds lines to a stream and hands them to the group's subscriptions.
func (s *Service) put(g *group, to *stream, lines []Line) {
	added := make([]event, len(lines))
	for n, line := range lines {
		s.sequence++
		added[n] = event{
			LogStreamName: to.name, Timestamp: line.Timestamp, Message: line.Message, IngestionTime: s.now(),
			EventID: eventID(line.Timestamp, s.sequence), sequence: s.sequence,
		}
		to.add(added[n])
		at, _ := g.after(added[n].position())
		g.events = slices.Insert(g.events, at, added[n])
	}
	for _, f := range g.filters {
		f.offer(added)
	}
}

// after is the index of the first event behind a position; exact tells whether there is one at it.
func (g *group) after(p position) (at int, exact bool) {
	at, exact = slices.BinarySearchFunc(g.events, p, func(e event, p position) int { return e.position().compare(p) })
	if exact {
		at++
	}
	return at, exact
}

// eventID has the form of AWS's: the time and a number, in decimal.
func eventID(timestamp int64, sequence uint64) string {
	id := new(big.Int).Lsh(big.NewInt(timestamp), 144)
	return id.Or(id, new(big.Int).SetUint64(sequence)).String()
}
