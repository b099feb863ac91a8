package frame

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/store"
)

// Clocks differ: an execution that begins by its own clock after now has run for no time.
func TestHowLongExecutionsTook(t *testing.T) {
	now := minute(10)
	ms := func(v float64) *float64 { return &v }
	for _, c := range []struct {
		start, end time.Time
		want       *float64
	}{
		{minute(0), minute(1), ms(60_000)},
		{minute(0), time.Time{}, ms(600_000)},
		{time.Time{}, minute(1), nil},
		{minute(11), time.Time{}, ms(0)},
		{minute(2), minute(2), ms(0)},
	} {
		require.Equal(t, c.want, took(c.start, c.end, now))
	}
}

func TestRowsOfExecutions(t *testing.T) {
	found := []store.Execution{{ExecutionARN: "a", Status: "FAILED"}, {ExecutionARN: "b", Status: "RUNNING"}}
	f := Executions(found, map[string]string{"a": "Store"}, Source{UID: "u"}, minute(0))[0]
	states, _ := f.FieldByName("failed_state")
	require.Equal(t, []any{"Store", ""}, []any{states.At(0), states.At(1)})
	for name, want := range map[string]any{"start": (*time.Time)(nil), "end": (*time.Time)(nil), "duration_ms": (*float64)(nil)} {
		field, _ := f.FieldByName(name)
		require.Equal(t, want, field.At(0), name)
	}
	require.Zero(t, Executions(nil, nil, Source{}, minute(0))[0].Rows())
}
