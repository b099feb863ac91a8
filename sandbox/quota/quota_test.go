package quota_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/steptrace/steptrace/sandbox/awswire"
	"github.com/steptrace/steptrace/sandbox/quota"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func admitted(m *quota.Meter, action string, calls int) (count int) {
	for range calls {
		if m.Admit(action) == nil {
			count++
		}
	}
	return count
}

func TestBuckets(t *testing.T) {
	clock := quartz.NewMock(t).WithLogger(quartz.NoOpLogger)
	m := quota.NewMeter(clock, quota.Published("eu-central-1"))
	require.Equal(t, 100, admitted(m, "states:ListExecutions", 120), "the bucket")
	clock.Advance(3 * time.Second)
	require.Equal(t, 6, admitted(m, "states:ListExecutions", 20), "two more a second")
	clock.Advance(time.Hour)
	require.Equal(t, 100, admitted(m, "states:ListExecutions", 120), "no more than the bucket holds")
	require.Equal(t, 10000, admitted(m, "sqs:ReceiveMessage", 10000), "has no quota")
	require.Equal(t, map[string]int64{"states:ListExecutions": 260, "sqs:ReceiveMessage": 10000}, m.Calls())
	require.Equal(t, map[string]int64{"states:ListExecutions": 54}, m.Throttled())
}

func TestPublishedByRegion(t *testing.T) {
	ireland, frankfurt := quota.Published("eu-west-1"), quota.Published("eu-central-1")
	require.Equal(t, quota.Rate{Bucket: 200, Refill: 5}, ireland["states:ListExecutions"])
	require.Equal(t, quota.Rate{Bucket: 300, Refill: 15}, ireland["states:DescribeExecution"])
	require.Equal(t, quota.Rate{Bucket: 250, Refill: 10}, frankfurt["states:DescribeExecution"])
	require.Equal(t, quota.Rate{Bucket: 400, Refill: 20}, frankfurt["states:GetExecutionHistory"])
	require.Equal(t, quota.Rate{Bucket: 10, Refill: 10}, ireland["logs:FilterLogEvents"])
	require.Equal(t, quota.Rate{Bucket: 5, Refill: 5}, frankfurt["logs:FilterLogEvents"])
}

func TestCountsAreBounded(t *testing.T) {
	m := quota.NewMeter(quartz.NewMock(t).WithLogger(quartz.NoOpLogger), nil)
	for n := range 3000 {
		require.NoError(t, m.Admit(fmt.Sprint("states:Made", n)))
	}
	require.Len(t, m.Calls(), 1001)
	require.Equal(t, int64(2000), m.Calls()[quota.Other])
}

func TestHandler(t *testing.T) {
	m := quota.NewMeter(quartz.NewMock(t).WithLogger(quartz.NoOpLogger),
		quota.Rates{"states:ListExecutions": {Bucket: 1, Refill: 1}})
	handler := m.Handler("states", awswire.JSON10, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		awswire.WriteJSON(w, awswire.JSON10, struct{}{})
	}))
	call := func() *httptest.ResponseRecorder {
		request := httptest.NewRequest(http.MethodPost, "/", nil)
		request.Header.Set("X-Amz-Target", "AWSStepFunctions.ListExecutions")
		response := httptest.NewRecorder()
		handler.ServeHTTP(response, request)
		return response
	}
	require.Equal(t, http.StatusOK, call().Code)
	refused := call()
	require.Equal(t, http.StatusBadRequest, refused.Code)
	require.JSONEq(t, `{"__type":"ThrottlingException","message":"Rate exceeded"}`, refused.Body.String())
}
