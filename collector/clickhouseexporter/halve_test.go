package clickhouseexporter

import (
	"context"
	"errors"
	"math/bits"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"pgregory.net/rapid"
)

// fussyStore takes batches without spans of these numbers, and counts what it took and refused.
type fussyStore struct {
	poison   map[uint64]bool
	taken    map[uint64]int
	refusals int
	failAt   int // the insert, counted from 1, that the network loses
	inserts  int
}

var (
	errPoison  = consumererror.NewPermanent(errors.New("code 469"))
	errNetwork = errors.New("connection reset")
)

func (f *fussyStore) send(_ context.Context, b batch) error {
	if f.inserts++; f.inserts == f.failAt {
		return errNetwork
	}
	numbers := numbersOf(b)
	for _, n := range numbers {
		if f.poison[n] {
			f.refusals++
			return errPoison
		}
	}
	for _, n := range numbers {
		f.taken[n]++
	}
	return nil
}

func numbersOf(b batch) (numbers []uint64) {
	for _, rs := range b.(spans).ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, s := range ss.Spans().All() {
				n, _ := s.Attributes().Get("number")
				numbers = append(numbers, uint64(n.Int()))
			}
		}
	}
	return numbers
}

// scattered makes spans with the numbers 1..n, in resources and scopes of drawn sizes, some empty.
func scattered(t *rapid.T, n int) ptrace.Traces {
	td := ptrace.NewTraces()
	for number := 0; number < n; {
		rs := td.ResourceSpans().AppendEmpty()
		for range rapid.IntRange(0, 3).Draw(t, "scopes") {
			ss := rs.ScopeSpans().AppendEmpty()
			for range rapid.IntRange(0, 50).Draw(t, "spans") {
				if number == n {
					break
				}
				number++
				ss.Spans().AppendEmpty().Attributes().PutInt("number", int64(number))
			}
		}
	}
	return td
}

func TestHalvingFindsJustTheRowsAtFault(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 300).Draw(t, "rows")
		poison := rapid.SliceOfNDistinct(rapid.Uint64Range(1, uint64(n)), 1, min(n, 5), rapid.ID).Draw(t, "poison")
		store := &fussyStore{poison: map[uint64]bool{}, taken: map[uint64]int{}}
		for _, number := range poison {
			store.poison[number] = true
		}
		s := &search{send: store.send, batch: spans{scattered(t, n)}}
		require.NoError(t, s.halve(context.Background(), 0, n, errPoison))

		var found []uint64
		for _, f := range s.found {
			require.Equal(t, errPoison, f.reason)
			found = append(found, numbersOf(f.batch)...)
		}
		require.ElementsMatch(t, poison, found)
		require.Len(t, store.taken, n-len(poison))
		for number, times := range store.taken {
			require.Equal(t, 1, times, number)
		}
		require.Equal(t, n-len(poison), s.stored)
		require.Nil(t, s.rest())
		require.LessOrEqual(t, store.inserts, 2*bits.Len(uint(n))*len(poison), "inserts for each row at fault")
	})
}

func TestHalvingGoesOnWhereItWasInterrupted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 100).Draw(t, "rows")
		poison := rapid.Uint64Range(1, uint64(n)).Draw(t, "poison")
		store := &fussyStore{
			poison: map[uint64]bool{poison: true}, taken: map[uint64]int{}, failAt: rapid.IntRange(1, 8).Draw(t, "fail at"),
		}
		var found []uint64
		rest := batch(spans{scattered(t, n)})
		for rest != nil {
			s := &search{send: store.send, batch: rest}
			err := s.halve(context.Background(), 0, rest.rows(), errPoison)
			for _, f := range s.found {
				found = append(found, numbersOf(f.batch)...)
			}
			if rest = s.rest(); rest != nil {
				require.ErrorIs(t, err, errNetwork)
			}
		}
		require.Equal(t, []uint64{poison}, dropGood(found, store.poison))
		for number := range uint64(n) {
			if number+1 != poison {
				require.LessOrEqual(t, store.taken[number+1], 1)
			}
		}
	})
}

// dropGood leaves out rows that were set aside without being refused: a rest of one row is not asked about again.
func dropGood(found []uint64, poison map[uint64]bool) (bad []uint64) {
	for _, n := range found {
		if poison[n] {
			bad = append(bad, n)
		}
	}
	return bad
}

// When every row is at fault, the search ends.
func TestHalvingIsBounded(t *testing.T) {
	const n = 20_000
	refuse := 0
	s := &search{batch: spans{numbered(0, n)}, send: func(context.Context, batch) error {
		refuse++
		return errPoison
	}}
	require.NoError(t, s.halve(t.Context(), 0, n, errPoison))
	rows := 0
	for _, f := range s.found {
		rows += f.rows()
	}
	require.Equal(t, n, rows, "every row is accounted for")
	require.Less(t, refuse, mostRefusals+bits.Len(n)+1)
}

func TestPartsOfLogs(t *testing.T) {
	ld := plog.NewLogs()
	for resource := range 3 {
		rl := ld.ResourceLogs().AppendEmpty()
		rl.SetSchemaUrl("r")
		rl.Resource().Attributes().PutInt("resource", int64(resource))
		for range 2 {
			sl := rl.ScopeLogs().AppendEmpty()
			sl.SetSchemaUrl("s")
			sl.Scope().SetName("scope")
			for range 2 {
				sl.LogRecords().AppendEmpty().Body().SetInt(int64(ld.LogRecordCount()))
			}
		}
	}
	part := records{ld}.part(3, 6).(records)
	require.Equal(t, 3, part.rows())
	require.Equal(t, 2, part.ResourceLogs().Len(), "resources without rows are left out")
	last := part.ResourceLogs().At(1)
	require.Equal(t, map[string]any{"resource": int64(1)}, last.Resource().Attributes().AsRaw())
	require.Equal(t, "r", last.SchemaUrl())
	require.Equal(t, "s", last.ScopeLogs().At(0).SchemaUrl())
	require.Equal(t, "scope", last.ScopeLogs().At(0).Scope().Name())
	require.Equal(t, int64(6), last.ScopeLogs().At(0).LogRecords().At(1).Body().Int())
	joined := part.join(records{ld}.part(0, 1)).(records)
	require.Equal(t, 4, joined.rows())
	require.Equal(t, int64(1), joined.ResourceLogs().At(2).ScopeLogs().At(0).LogRecords().At(0).Body().Int())
	require.Equal(t, 3, part.rows(), "the parts stay as they were")
}
