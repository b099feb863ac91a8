package selector_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent/selector"
)

const arn = "arn:aws:states:eu-west-1:123456789012:stateMachine:"

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		picked selector.Machines
		arn    string
		want   bool
	}{
		{nil, arn + "orders", true},
		{selector.Machines{"orders"}, arn + "orders", true},
		{selector.Machines{"orders"}, arn + "orders-eu", false},
		{selector.Machines{"image-*", "order?"}, arn + "orders", true},
		{selector.Machines{"image-*"}, arn + "orders", false},
		{selector.Machines{arn + "orders"}, arn + "orders", true},
		{selector.Machines{arn + "orders"}, arn + "other", false},
		{selector.Machines{"orders"}, arn + "orders/EachLine", true},
	} {
		require.Equal(t, c.want, c.picked.Match(c.arn), "%v of %s", c.arn, c.picked)
	}
}

func TestOnlyARNs(t *testing.T) {
	require.False(t, selector.Machines{}.OnlyARNs())
	require.True(t, selector.Machines{arn + "a"}.OnlyARNs())
	require.False(t, selector.Machines{arn + "a", "b*"}.OnlyARNs())
	require.Equal(t, []string{arn + "a"}, selector.Machines{arn + "a", "b*"}.ARNs())
}

func TestValidateNamesTheEntry(t *testing.T) {
	require.NoError(t, selector.Machines{"a*", arn + "a"}.Validate())
	require.ErrorContains(t, selector.Machines{"a*", "b["}.Validate(), `1: "b["`)
	require.ErrorContains(t, selector.Machines{""}.Validate(), `0: ""`)
	require.ErrorContains(t, selector.Machines{arn + "a*"}.Validate(), "0: ", "an ARN is no pattern")
	require.ErrorContains(t, selector.Machines{arn + "a:1"}.Validate(), "0: ", "a version is no state machine")
	require.ErrorContains(t, selector.Machines{"arn:aws:s3:::a"}.Validate(), "0: ")
}
