package store_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNamesThatSeveralStateMachinesHave(t *testing.T) {
	r := newRig(t)
	shared, err := r.db.SharedNames(t.Context())
	require.NoError(t, err)
	require.Empty(t, shared)

	r.lifecycle("orders", "a", 0, "", 0, nil)
	r.lifecycle("orders", "b", 0, "", 0, nil)
	r.lifecycle("images", "a", 0, "", 0, nil)
	elsewhere := func(arn string) string { return strings.Replace(arn, "eu-west-1", "us-east-1", 1) }
	arn := elsewhere(executionARN("orders", "a"))
	r.record(elsewhere(machineARN)+"orders", event{arn: arn, trace: traceID(arn), kind: "ExecutionStarted", id: 1})
	shared, err = r.db.SharedNames(t.Context())
	require.NoError(t, err)
	require.Equal(t, map[string]bool{"orders": true}, shared)
}
