package lambda

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestInvokeUsesAnEnvironmentAgain(t *testing.T) {
	b := start(t, nil)
	b.create(t, "f", nil, nil)

	first := b.about(t, "f")
	second := b.about(t, "f")

	require.Equal(t, first.PID, second.PID)
	require.Equal(t, 1, first.Invocations)
	require.Equal(t, 2, second.Invocations)
	require.NotEqual(t, first.RequestID, second.RequestID)
	require.Equal(t, "arn:aws:lambda:eu-west-1:123456789012:function:f", first.ARN)
}
