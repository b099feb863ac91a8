package frame

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHowStateMachinesAreNamed(t *testing.T) {
	here, there := "arn:aws:states:eu-west-1:1:stateMachine:", "arn:aws:states:us-east-1:1:stateMachine:"
	rows := []machine{
		{here + "orders", "orders"},
		{there + "orders", "orders"},
		{here + "images", "images"},
		{here + "images", "images/Each"},
		{there + "videos", "videos"},
		{there + "videos", "videos/Each"},
		{"", ""},
	}
	nameOf := labelled(rows, Names{"videos": true}, func(m machine) machine { return m })
	var got []string
	for _, m := range rows {
		got = append(got, nameOf(m))
	}
	require.Equal(t, []string{
		here + "orders", there + "orders", "images", "images/Each", there + "videos", there + "videos/Each", "",
	}, got)
}

func TestNamesInARNs(t *testing.T) {
	for arn, want := range map[string][2]string{
		"arn:aws:states:eu-west-1:1:stateMachine:orders":    {"orders", ""},
		"arn:aws:states:eu-west-1:1:execution:orders:a":     {"orders:a", "a"},
		"arn:aws:states:eu-west-1:1:express:orders:a:id":    {"orders:a:id", "a:id"},
		"arn:aws-cn:states:cn-north-1:1:execution:größe:日本": {"größe:日本", "日本"},
		"arn:aws:states": {"states", ""},
		"":               {"", ""},
	} {
		require.Equal(t, want, [2]string{nameOf(arn), executionName(arn)}, arn)
	}
	require.Equal(t, "/a/steptrace-app/execution?execution=arn%3Aaws%3Astates%3Ar%3A1%3Aexecution%3Am%3A%E6%97%A5+%26",
		executionURL("arn:aws:states:r:1:execution:m:日 &"))
}

func TestUnits(t *testing.T) {
	require.Equal(t, []string{"currencyUSD", "currencyEUR", "currency:CHF "},
		[]string{currency("USD"), currency("EUR"), currency("CHF")})
}
