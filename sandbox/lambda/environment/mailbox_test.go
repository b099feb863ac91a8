package environment

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMailbox(t *testing.T) {
	var m mailbox[int]
	m.put(1) // before any poll
	m.put(2)
	first := m.ask()
	require.Equal(t, 1, <-first)
	require.False(t, m.waiting())

	lost := m.ask()
	m.leave(lost) // nobody has read the 2 in it
	require.Equal(t, 2, <-m.ask())

	open := m.ask()
	require.True(t, m.waiting())
	m.leave(open)
	require.False(t, m.waiting())

	old, current := m.ask(), m.ask()
	_, ok := <-old
	require.False(t, ok)
	m.leave(old) // changes nothing
	m.put(3)
	require.Equal(t, 3, <-current)
}
