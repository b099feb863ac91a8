package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/store"
)

func TestCondition(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.writeWorld()
	c, err := r.db.Condition(t.Context())
	require.NoError(t, err)
	require.Regexp(t, `^\d+\.\d+`, c.ServerVersion)
	require.Equal(t, c.Known, c.Schema)
	require.Positive(t, c.Schema)
	require.True(t, c.MayWrite, "the embedded engine's default user may")
	require.Equal(t, uint64(1), c.StateMachines)
	require.Equal(t, uint64(3), c.Executions)
	require.GreaterOrEqual(t, c.Spans, uint64(16))
}

func TestGrantsThatLetWrite(t *testing.T) {
	t.Parallel()
	for grant, want := range map[string]bool{
		"GRANT SELECT ON steptrace.* TO reader":                      false,
		"GRANT SHOW, SELECT, dictGet ON *.* TO reader":               false,
		"GRANT SELECT(a, b) ON steptrace.t TO reader":                false,
		"GRANT admin TO reader":                                      false,
		"GRANT TABLE ENGINE ON MergeTree TO reader":                  false,
		"GRANT SELECT, INSERT ON steptrace.* TO writer":              true,
		"GRANT INSERT(a, b) ON steptrace.t TO writer":                true,
		"GRANT ALTER TABLE ON steptrace.* TO writer":                 true,
		"GRANT ALL ON *.* TO admin WITH GRANT OPTION":                true,
		"GRANT SHOW, CREATE TEMPORARY TABLE ON *.* TO somebody":      true,
		"GRANT SELECT ON `x ON INSERT`.* TO reader":                  false,
		"GRANT SYSTEM, dictGet, DROP VIEW ON steptrace.* TO janitor": true,
	} {
		require.Equal(t, want, store.LetsWrite(grant), grant)
	}
}
