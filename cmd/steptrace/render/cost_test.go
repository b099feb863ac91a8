package render

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/store"
)

func TestCostsDrawsATableWithItsSum(t *testing.T) {
	costs := []store.Cost{
		{
			StateMachineARN: "arn:aws:states:eu-west-1:123456789012:stateMachine:orders", State: "Store", Transitions: 4,
			Retries: 2, Invocations: 3, GBSeconds: 1.5, Total: 0.000125,
		},
		{
			StateMachineARN: "arn:aws:states:eu-west-1:123456789012:stateMachine:orders", State: "Fetch\x1b[31m", Transitions: 1,
			Total: 0.000025,
		},
	}
	drawn(t, `
COST (USD)  STATE MACHINE  TRANSITIONS  RETRIES  INVOCATIONS  GB-SECONDS  STATE
0.000125    orders         4            2        3            1.500       Store
0.000025    orders         1            0        0            0.000       Fetch�[31m
0.000150                   5            2        3            1.500
`, Costs(costs, store.ByState, "USD", 120))
	require.Equal(t, "nothing was spent\n", Costs(nil, store.ByMachine, "USD", 120))
}

func TestExecutionsWithCost(t *testing.T) {
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	drawn(t, `
STATUS       STATE MACHINE  STARTED (UTC)        TOOK   TRACE  EXECUTION  COST (USD)
✓ SUCCEEDED  orders         2026-01-02 03:04:05  2.00s  t      one        0.000125
`, ExecutionsWithCost([]store.Execution{{
		ExecutionARN: "arn:one", Name: "one", StateMachine: "orders", TraceID: "t", Status: "SUCCEEDED", Start: start,
		End: start.Add(2 * time.Second),
	}}, map[string]store.Cost{"arn:one": {Total: 0.000125}}, "USD", 120))
}
