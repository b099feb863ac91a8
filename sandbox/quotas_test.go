package sandbox_test

import (
	"net/http"
	"testing"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox"
)

// TestQuotas empties a published bucket on a clock that stands still.
func TestQuotas(t *testing.T) {
	clock := quartz.NewMock(t).WithLogger(quartz.NoOpLogger)
	s, cfg := start(t, sandbox.Config{Clock: clock, Quotas: sandbox.PublishedQuotas()})
	machines := sfn.NewFromConfig(cfg)
	var refused error
	for range 201 {
		_, refused = machines.ListExecutions(t.Context(), &sfn.ListExecutionsInput{StateMachineArn: new(string)})
	}
	require.Equal(t, "ThrottlingException", code(t, refused))
	var response *awshttp.ResponseError
	require.ErrorAs(t, refused, &response)
	require.Equal(t, http.StatusBadRequest, response.HTTPStatusCode())
	_, err := machines.ListStateMachines(t.Context(), &sfn.ListStateMachinesInput{})
	require.NoError(t, err, "has a bucket of its own")
	_, err = sqs.NewFromConfig(cfg).ListQueues(t.Context(), &sqs.ListQueuesInput{})
	require.NoError(t, err)
	require.Equal(t, map[string]int64{
		"states:ListExecutions": 201, "states:ListStateMachines": 1, "sqs:ListQueues": 1,
	}, s.Calls())
	require.Equal(t, map[string]int64{"states:ListExecutions": 1}, s.Throttled())
}

// TestOwnCallsCount: EventBridge's starts take from the same bucket as anybody's.
func TestOwnCallsCount(t *testing.T) {
	s, cfg := start(t, sandbox.Config{})
	objects := createBucket(t, cfg)
	machine := createRule(t, cfg, "counted", `{"detail-type":["Object Created"]}`,
		`{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}`)
	upload(t, objects, "k", []byte("v"))
	require.Eventually(t, func() bool { return count(t.Context(), cfg, machine, sfntypes.ExecutionStatusSucceeded) == 1 },
		waitFor, tick)
	require.Equal(t, int64(1), s.Calls()["states:StartExecution"])
}
