package environment

// mailbox hands events to one party that asks for them by long polls. It is guarded by the environment's lock.
type mailbox[T any] struct {
	waiter  chan T // the poll under way, nil when the party is busy
	pending []T    // put while no poll was under way
}

// ask starts a poll. An earlier one is over (its channel is closed): the party has only one.
func (m *mailbox[T]) ask() chan T {
	if m.waiter != nil {
		close(m.waiter)
		m.waiter = nil
	}
	poll := make(chan T, 1)
	if len(m.pending) == 0 {
		m.waiter = poll
		return poll
	}
	poll <- m.pending[0]
	m.pending = m.pending[1:]
	return poll
}

// put answers the poll under way, or the next one.
func (m *mailbox[T]) put(event T) {
	if m.waiter == nil {
		m.pending = append(m.pending, event)
		return
	}
	m.waiter <- event
	m.waiter = nil
}

// leave gives a poll up whose client has gone; an event already in it is kept for the next.
func (m *mailbox[T]) leave(poll chan T) {
	if m.waiter == poll {
		m.waiter = nil
		return
	}
	select {
	case event, ok := <-poll:
		if ok {
			m.pending = append([]T{event}, m.pending...)
		}
	default:
	}
}

// waiting says whether the party has asked and got nothing yet.
func (m *mailbox[T]) waiting() bool { return m.waiter != nil }
