package price_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/store/price"
)

func TestBuiltInPrices(t *testing.T) {
	prices := price.Default()
	require.NotEmpty(t, prices.Sources)
	require.Equal(t, "USD", prices.Currency)
	ireland, california := prices.Of("eu-west-1"), prices.OfARN("arn:aws:states:us-west-1:123456789012:stateMachine:x")
	require.Equal(t, 0.000025, ireland.Transition)
	require.Equal(t, 0.0000279, california.Transition)
	require.Equal(t, ireland.LambdaX86, california.LambdaX86)
	require.Equal(t, ireland, prices.OfARN("no ARN"))
	require.Equal(t, 0.0000166667, ireland.Lambda(price.X86).First())
	require.Equal(t, 0.0000133334, ireland.Lambda(price.ARM).First())
	require.Equal(t, 0.0000166667, ireland.Lambda("").First())
	require.Zero(t, price.Tiers(nil).First())
}

// AWS's own example of tiers: 20 billion GB-seconds on x86, https://aws.amazon.com/lambda/pricing/.
func TestTiers(t *testing.T) {
	tiers := price.Default().Of("us-east-1").LambdaX86
	for name, test := range map[string]struct{ used, amount, want float64 }{
		"nothing":        {0, 0, 0},
		"in the first":   {0, 1e6, 16.6667},
		"across all":     {0, 20e9, 6e9*0.0000166667 + 9e9*0.000015 + 5e9*0.0000133334},
		"after the half": {6e9, 1e6, 15},
		"in the last":    {50e9, 1e6, 13.3334},
		"across a bound": {6e9 - 1e6, 2e6, 16.6667 + 15},
	} {
		t.Run(name, func(t *testing.T) { require.InDelta(t, test.want, tiers.Cost(test.used, test.amount), 1e-6*test.want) })
	}
}

func TestBilledAmounts(t *testing.T) {
	for name, test := range map[string]struct{ got, want float64 }{
		"a millisecond begun":   {price.LambdaGBSeconds(1<<30, 1500*time.Microsecond), 0.002},
		"a whole one":           {price.LambdaGBSeconds(1<<29, 2*time.Millisecond), 0.001},
		"no time":               {price.LambdaGBSeconds(1<<30, 0), 0},
		"a clock that ran back": {price.LambdaGBSeconds(1<<30, -time.Second), 0},
		// https://aws.amazon.com/step-functions/pricing/: time by 100 ms, memory by 64 MB
		"Express, at least a chunk": {price.ExpressGBSeconds(0, time.Millisecond), 0.1 * 64 / 1024},
		"Express, chunk begun":      {price.ExpressGBSeconds(64<<20+1, 101*time.Millisecond), 0.2 * 128 / 1024},
	} {
		t.Run(name, func(t *testing.T) { require.InDelta(t, test.want, test.got, 1e-12) })
	}
}

func TestAFileChangesPrices(t *testing.T) {
	load := func(text string) (price.Table, error) {
		path := filepath.Join(t.TempDir(), "prices.json")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return price.Load(path)
	}
	own, err := load(`{"as_of": "2027-01-01", "regions": {"eu-west-1": {"transition": 0.00002}, "mine": {"lambda_request": 1}}}`)
	require.NoError(t, err)
	require.Equal(t, "2027-01-01", own.AsOf)
	require.Equal(t, 0.00002, own.Of("eu-west-1").Transition)
	require.Equal(t, 0.0000002, own.Of("eu-west-1").LambdaRequest)
	require.Equal(t, 1.0, own.Of("mine").LambdaRequest)
	require.Equal(t, 0.0000279, own.Of("us-west-1").Transition)

	for text, says := range map[string]string{
		`{"regions": {"x": {"transition": -1}}}`: "-1 is no price",
		`{"regions": {"x": {"transitions": 1}}}`: "unknown field",
		`{"as_of": "yesterday"}`:                 "as_of is no date",
		`{"regions": {"x": {"lambda_gb_second_arm": [{"up_to": 5, "price": 1}, {"up_to": 5, "price": 1}, {"price": 1}]}}}`: "tiers must rise",
		`{"regions": {"x": {"lambda_gb_second_arm": [{"price": -1}]}}}`:                                                    "is no price",
		`nothing`: "invalid character",
	} {
		_, err := load(text)
		require.ErrorContains(t, err, says)
	}
	_, err = price.Load(filepath.Join(t.TempDir(), "none.json"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = load(string(make([]byte, 2<<20)))
	require.ErrorContains(t, err, "larger than")
}
