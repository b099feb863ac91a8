package sqs

import (
	"container/heap"
	"strings"
	"time"
)

// queue is a standard queue. Messages that can be received wait in ready, first in first out; those that cannot yet,
// delayed or in flight, in hidden by the time when they can. The service's lock guards all of it.
type queue struct {
	name, arn  string
	created    time.Time
	modified   time.Time
	purged     time.Time
	attributes map[string]string // those that were set
	policy     *redrivePolicy

	ready    []*message
	hidden   hiddenHeap
	messages map[string]*message // by id: all that are not gone
	changed  chan struct{}       // closed when a message has become ready
}

func newQueue(name, arn string, now time.Time) *queue {
	return &queue{
		name: name, arn: arn, created: now, modified: now, attributes: map[string]string{},
		messages: map[string]*message{}, changed: make(chan struct{}),
	}
}

// add puts a message in, to be received from its visible time on.
func (q *queue) add(m *message, now time.Time) {
	q.messages[m.id] = m
	if m.visible.After(now) {
		heap.Push(&q.hidden, m)
	} else {
		q.ready = append(q.ready, m)
	}
	q.wake() // those who wait have a new time to wait for, at the least
}

func (q *queue) wake() {
	close(q.changed)
	q.changed = make(chan struct{})
}

// surface makes ready what has been hidden long enough.
func (q *queue) surface(now time.Time) {
	for len(q.hidden) > 0 && !q.hidden[0].visible.After(now) {
		q.ready = append(q.ready, heap.Pop(&q.hidden).(*message))
	}
	for len(q.ready) > 0 && (q.ready[0].gone || q.expired(q.ready[0], now)) {
		q.first()
	}
}

// next takes the first message that can be received; nil when there is none.
func (q *queue) next(now time.Time) *message {
	for len(q.ready) > 0 {
		if m := q.first(); !m.gone && !q.expired(m, now) {
			return m
		}
	}
	return nil
}

func (q *queue) first() *message {
	m := q.ready[0]
	q.ready[0] = nil
	q.ready = q.ready[1:]
	return m
}

// expired tells whether a message is beyond the retention period, and removes it if so.
func (q *queue) expired(m *message, now time.Time) bool {
	if now.Sub(m.sent) <= q.seconds("MessageRetentionPeriod") {
		return false
	}
	q.remove(m)
	return true
}

// hide takes a message out of sight until then.
func (q *queue) hide(m *message, until time.Time) {
	m.visible = until
	heap.Push(&q.hidden, m)
}

// reschedule changes when a message in flight can be received again.
func (q *queue) reschedule(m *message, visible time.Time) {
	m.visible = visible
	heap.Fix(&q.hidden, m.index)
	q.wake()
}

// remove takes a message out for good. One in ready is passed over when its turn comes.
func (q *queue) remove(m *message) {
	delete(q.messages, m.id)
	m.gone = true
	if m.index >= 0 && m.index < len(q.hidden) && q.hidden[m.index] == m {
		heap.Remove(&q.hidden, m.index)
	}
}

// clear removes all messages.
func (q *queue) clear() {
	for _, m := range q.messages {
		m.gone = true
	}
	clear(q.messages)
	q.ready, q.hidden = nil, nil
}

// count is how many messages can be received, are in flight, and are delayed.
func (q *queue) count(now time.Time) (visible, inFlight, delayed int) {
	q.surface(now)
	for _, m := range q.messages {
		q.expired(m, now)
	}
	for _, m := range q.hidden {
		if m.received > 0 {
			inFlight++
		} else {
			delayed++
		}
	}
	return len(q.messages) - inFlight - delayed, inFlight, delayed
}

func (q *queue) inFlight(now time.Time) int {
	_, n, _ := q.count(now)
	return n
}

// hiddenHeap implements heap.Interface: the message that can be received next comes first.
type hiddenHeap []*message

func (h hiddenHeap) Len() int           { return len(h) }
func (h hiddenHeap) Less(a, b int) bool { return h[a].visible.Before(h[b].visible) }

func (h hiddenHeap) Swap(a, b int) {
	h[a], h[b] = h[b], h[a]
	h[a].index, h[b].index = a, b
}

// Push implements heap.Interface.
func (h *hiddenHeap) Push(value any) {
	m := value.(*message)
	m.index = len(*h)
	*h = append(*h, m)
}

// Pop implements heap.Interface.
func (h *hiddenHeap) Pop() any {
	last := len(*h) - 1
	m := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	m.index = -1
	return m
}

// nameIn is the queue's name in a URL "http://host/account/name", of which the host does not matter; empty when it is
// not of the account.
func nameIn(url, account string) string {
	rest, name := cutLast(url)
	if _, of := cutLast(rest); of != account {
		return ""
	}
	return name
}

func cutLast(path string) (before, last string) {
	at := strings.LastIndexByte(path, '/')
	if at < 0 {
		return "", path
	}
	return path[:at], path[at+1:]
}
