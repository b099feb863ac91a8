package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/store"
)

func TestExecution(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, err := r.db.Execution(t.Context(), store.Latest)
	require.ErrorIs(t, err, store.ErrNotFound)
	r.writeWorld()
	for _, ref := range []string{failing.arn(), failing.trace()} {
		e, err := r.db.Execution(t.Context(), ref)
		require.NoError(t, err)
		require.Equal(t, "FAILED", e.Status, ref)
		require.Equal(t, failing.arn(), e.ExecutionARN)
	}
	e, err := r.db.Execution(t.Context(), store.Latest)
	require.NoError(t, err)
	require.Equal(t, running.arn(), e.ExecutionARN)
	for _, ref := range []string{failing.arn() + "x", tid(12345)} {
		_, err := r.db.Execution(t.Context(), ref)
		require.ErrorIs(t, err, store.ErrNotFound, ref)
	}
	_, err = r.db.Execution(t.Context(), "")
	require.ErrorIs(t, err, store.ErrArgument)
}

func TestNames(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.writeWorld()
	for _, c := range []struct {
		filter         store.NameFilter
		states, errors []string
	}{
		{store.NameFilter{}, []string{"Fetch", "Store"}, []string{"Boom", "Odd"}},
		{store.NameFilter{StateMachines: []string{world, machineARN + "x"}}, []string{"Fetch", "Store"}, []string{"Boom", "Odd"}},
		{store.NameFilter{Since: at(30_000), Until: at(60_000)}, []string{"Fetch", "Store"}, []string{"Boom", "Odd"}},
		{store.NameFilter{Since: at(60_000)}, []string{}, []string{}},
		{store.NameFilter{Until: at(-60_000)}, []string{}, []string{}},
		{store.NameFilter{StateMachines: []string{"x' OR 1 --"}}, []string{}, []string{}},
	} {
		states, err := r.db.StateNames(t.Context(), c.filter)
		require.NoError(t, err)
		require.Equal(t, c.states, states, "%+v", c.filter)
		errors, err := r.db.ErrorNames(t.Context(), c.filter)
		require.NoError(t, err)
		require.Equal(t, c.errors, errors, "%+v", c.filter)
	}
}
