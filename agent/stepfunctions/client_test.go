package stepfunctions_test

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/steptrace/steptrace/agent/awsapi"
	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/agent/history/historytest"
	"github.com/steptrace/steptrace/agent/stepfunctions"
	"github.com/steptrace/steptrace/agent/stepfunctions/stepfunctionstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func client(t *testing.T, s *stepfunctionstest.Server, share float64) (*stepfunctions.Client, *quartz.Mock) {
	t.Helper()
	clock := quartz.NewMock(t)
	cfg := aws.Config{
		Region: "eu-west-1", HTTPClient: stepfunctionstest.HTTPClient(t),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	}
	c, err := stepfunctions.New(cfg, s.URL, awsapi.Options{Share: share, Clock: clock})
	require.NoError(t, err)
	return c, clock
}

func events(from, to int) string {
	var b strings.Builder
	for id := from; id <= to; id++ {
		fmt.Fprintf(&b, "%d <- %d +%d PassStateEntered name=S%d\n", id, id-1, id, id)
	}
	return b.String()
}

func ids(events []history.Event) (ids []int64) {
	for _, e := range events {
		ids = append(ids, e.ID)
	}
	return ids
}

func TestStateMachinesReadsAllPagesWithoutExpress(t *testing.T) {
	s := stepfunctionstest.New(t)
	s.LimitPages(2)
	for _, name := range []string{"a", "b", "c", "d"} {
		s.AddStateMachine(name, "{}")
	}
	s.AddExpress("e")
	c, _ := client(t, s, 1)
	found, err := c.StateMachines(t.Context())
	require.NoError(t, err)
	require.Len(t, found, 4)
	require.Equal(t, stepfunctions.StateMachine{
		ARN: "arn:aws:states:eu-west-1:123456789012:stateMachine:d", Name: "d",
	}, found[3])
	require.Equal(t, 3, s.Calls("ListStateMachines"))
}

func TestExecutionsStopsReadingWhenTold(t *testing.T) {
	s := stepfunctionstest.New(t)
	s.LimitPages(2)
	m := s.AddStateMachine("m", "{}")
	for i := range 6 {
		s.Start(m, fmt.Sprint(i), historytest.Epoch.Add(time.Duration(i)*time.Second))
	}
	c, _ := client(t, s, 1)
	var seen []string
	err := c.Executions(t.Context(), stepfunctions.Listing{StateMachine: m}, func(e stepfunctions.Execution) bool {
		seen = append(seen, e.ARN[strings.LastIndexByte(e.ARN, ':')+1:])
		return !e.Started.Equal(historytest.Epoch.Add(3 * time.Second))
	})
	require.NoError(t, err)
	require.Equal(t, []string{"5", "4", "3"}, seen)
	require.Equal(t, 2, s.Calls("ListExecutions"))
}

func TestHistoryAfterReadsBackwardsToTheKnownEvent(t *testing.T) {
	cases := []struct {
		name        string
		after       int64
		page        int
		first, size int64
		calls       int
	}{
		{"one page", 20, 100, 21, 5, 1},
		{"the known event begins the next page", 15, 10, 16, 10, 2},
		{"three pages", 1, 10, 2, 24, 3},
		{"nothing new", 25, 10, 0, 0, 1},
		{"all of it", 0, 1000, 1, 25, 1},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			s := stepfunctionstest.New(t)
			e := s.Start(s.AddStateMachine("m", "{}"), "x", historytest.Epoch)
			e.Append(t, events(1, 25))
			c, _ := client(t, s, 1)
			tail, err := c.HistoryAfter(t.Context(), e.ARN, test.after, test.page)
			require.NoError(t, err)
			require.Len(t, tail, int(test.size))
			for i, event := range tail {
				require.Equal(t, test.first+int64(i), event.ID)
			}
			require.Equal(t, test.calls, s.Calls("GetExecutionHistory"))
		})
	}
}

func TestHistoryHandsOutPagesInOrder(t *testing.T) {
	s := stepfunctionstest.New(t)
	s.LimitPages(2)
	e := s.Start(s.AddStateMachine("m", "{}"), "x", historytest.Epoch)
	e.Append(t, events(1, 5))
	c, _ := client(t, s, 1)
	var pages [][]int64
	require.NoError(t, c.History(t.Context(), e.ARN, func(page []history.Event) error {
		pages = append(pages, ids(page))
		return nil
	}))
	require.Equal(t, [][]int64{{1, 2}, {3, 4}, {5}}, pages)
	stop := errors.New("stop")
	require.ErrorIs(t, c.History(t.Context(), e.ARN, func([]history.Event) error { return stop }), stop)
}

func TestFailedCallsComeAgainAfterAGrowingPause(t *testing.T) {
	for _, fault := range []struct {
		code   string
		status int
	}{{"ServiceUnavailable", 503}, {"InternalFailure", 500}} {
		t.Run(fault.code, func(t *testing.T) {
			s := stepfunctionstest.New(t)
			s.Fail("ListStateMachines", 0, 3, fault.code, fault.status)
			c, clock := client(t, s, 1)
			trap := clock.Trap().NewTimer("awsapi")
			defer trap.Close()
			done := make(chan error, 1)
			go func() {
				_, err := c.StateMachines(t.Context())
				done <- err
			}()
			for pause := 250 * time.Millisecond; pause <= time.Second; pause *= 2 {
				timer := trap.MustWait(t.Context())
				require.GreaterOrEqual(t, timer.Duration, pause/2)
				require.Less(t, timer.Duration, pause)
				timer.MustRelease(t.Context())
				clock.Advance(timer.Duration).MustWait(t.Context())
			}
			require.NoError(t, <-done)
			require.Equal(t, 4, s.Calls("ListStateMachines"))
		})
	}
}

// ListStateMachines has 100 calls at once and 5 a second. After a throttled one there is none, and 2.5 a second.
func TestAThrottledCallWaitsForTheQuotaToo(t *testing.T) {
	s := stepfunctionstest.New(t)
	s.Fail("ListStateMachines", 0, 1, "ThrottlingException", 400)
	c, clock := client(t, s, 1)
	backoff, refill := clock.Trap().NewTimer("awsapi"), clock.Trap().NewTimer("quota")
	defer backoff.Close()
	defer refill.Close()
	done := make(chan error, 1)
	go func() {
		_, err := c.StateMachines(t.Context())
		done <- err
	}()
	pause := backoff.MustWait(t.Context())
	pause.MustRelease(t.Context())
	clock.Advance(pause.Duration).MustWait(t.Context())
	wait := refill.MustWait(t.Context())
	require.InDelta(t, 400, (pause.Duration + wait.Duration).Milliseconds(), 2)
	wait.MustRelease(t.Context())
	clock.Advance(wait.Duration).MustWait(t.Context())
	require.NoError(t, <-done)
	require.Equal(t, 2, s.Calls("ListStateMachines"))
	require.Equal(t, 0, c.Available(stepfunctions.ListStateMachines))
}

func TestARefusedCallFailsAtOnce(t *testing.T) {
	s := stepfunctionstest.New(t)
	s.Fail("ListStateMachines", 0, 1, "AccessDeniedException", 400)
	c, _ := client(t, s, 1)
	_, err := c.StateMachines(t.Context())
	require.ErrorContains(t, err, "ListStateMachines")
	require.True(t, awsapi.IsDenied(err))
	require.Equal(t, 1, s.Calls("ListStateMachines"))
}

func TestCallsKeepToTheShareOfTheQuota(t *testing.T) {
	s := stepfunctionstest.New(t)
	m := s.AddStateMachine("m", "{}")
	e := s.Start(m, "x", historytest.Epoch)
	c, clock := client(t, s, 0.01) // of DescribeStateMachineForExecution's 200 at once and 1 a second: 2 and 0.01
	for range 2 {
		_, err := c.DefinitionOf(t.Context(), e.ARN)
		require.NoError(t, err)
	}
	trap := clock.Trap().NewTimer("quota")
	defer trap.Close()
	done := make(chan error, 1)
	go func() {
		_, err := c.DefinitionOf(t.Context(), e.ARN)
		done <- err
	}()
	timer := trap.MustWait(t.Context())
	require.InDelta(t, 100, timer.Duration.Seconds(), 0.1)
	require.Equal(t, 2, s.Calls("DescribeStateMachineForExecution"))
	timer.MustRelease(t.Context())
	clock.Advance(timer.Duration).MustWait(t.Context())
	require.NoError(t, <-done)
}

func TestWhatIsGoneIsTold(t *testing.T) {
	s := stepfunctionstest.New(t)
	m := s.AddExpress("m")
	c, _ := client(t, s, 1)
	take := func(stepfunctions.Execution) bool { return true }
	require.True(t, stepfunctions.IsExpress(c.Executions(t.Context(), stepfunctions.Listing{StateMachine: m}, take)))
	require.True(t, stepfunctions.IsGone(c.Executions(t.Context(), stepfunctions.Listing{StateMachine: m + "x"}, take)))
	_, err := c.HistoryAfter(t.Context(), "arn:aws:states:eu-west-1:123456789012:execution:m:x", 0, 100)
	require.True(t, stepfunctions.IsGone(err))
	require.ErrorContains(t, err, "execution:m:x")
}

// wire is an API that answers with these bodies in turn; one that ends in "…" breaks off there.
func wire(t *testing.T, bodies ...string) *stepfunctionstest.Server {
	t.Helper()
	var calls atomic.Int32
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, cut := strings.CutSuffix(bodies[calls.Add(1)-1], "…")
		if cut {
			w.Header().Set("Content-Length", strconv.Itoa(len(body)+1))
		}
		if !cut && r.Header.Get("Accept-Encoding") == "gzip" {
			w.Header().Set("Content-Encoding", "gzip")
			zipped := gzip.NewWriter(w)
			_, _ = zipped.Write([]byte(body))
			_ = zipped.Close()
			return
		}
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(web.Close)
	return &stepfunctionstest.Server{URL: web.URL}
}

const arn = "arn:aws:states:eu-west-1:123456789012:execution:m:x"

func TestAnAnswerThatBreaksOffIsAskedForAgain(t *testing.T) {
	cases := []struct {
		name, body string
		call       func(context.Context, *stepfunctions.Client) (int, error)
	}{
		{
			"a history", `{"events":[{"id":1,"type":"ExecutionStarted","timestamp":1}],"nextToken":null}`,
			func(ctx context.Context, c *stepfunctions.Client) (int, error) {
				read, err := c.HistoryAfter(ctx, arn, 0, 100)
				return len(read), err
			},
		},
		{
			"a list", `{"stateMachines":[{"stateMachineArn":"arn","name":"m","type":"STANDARD"}]}`,
			func(ctx context.Context, c *stepfunctions.Client) (int, error) {
				found, err := c.StateMachines(ctx)
				return len(found), err
			},
		},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			c, clock := client(t, wire(t, test.body[:20]+"…", test.body), 1)
			trap := clock.Trap().NewTimer("awsapi")
			defer trap.Close()
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			done := make(chan error, 1)
			go func() {
				n, err := test.call(ctx, c)
				if err == nil && n != 1 {
					err = fmt.Errorf("%d entries", n)
				}
				done <- err
			}()
			timer := trap.MustWait(ctx)
			timer.MustRelease(ctx)
			clock.Advance(timer.Duration).MustWait(ctx)
			require.NoError(t, <-done)
		})
	}
}

func TestNothingThatAWSSendsIsDropped(t *testing.T) {
	c, _ := client(t, wire(t,
		`{"events":[{"id":1,"type":"QuantumLeap","timestamp":1,"quantumLeapEventDetails":{"foo":"bar"}}],"nextToken":"2"}`,
		`{"events":[{"id":2,"type":"TaskFailed","timestamp":2,"taskFailedEventDetails":{"error":"E","mood":{"now":[3]}}}]}`,
	), 1)
	var read []history.Event
	require.NoError(t, c.History(t.Context(), arn, func(page []history.Event) error {
		read = append(read, page...)
		return nil
	}))
	require.Equal(t, []int64{1, 2}, ids(read))
	require.Equal(t, `{"foo":"bar"}`, read[0].Details.JSON())
	require.Equal(t, `{"error":"E","mood":{"now":[3]}}`, read[1].Details.JSON())
}

func TestAMalformedHistoryIsNamedInOneSentence(t *testing.T) {
	cases := []struct{ name, body, want string }{
		{
			"a member", `{"events":[{"id":1,"type":"T","timestamp":1},{"id":2,"type":"TaskStateEntered","timestamp":1,
				"stateEnteredEventDetails":{"name":5}}]}`,
			"history " + arn + ": event 2 (id 2): stateEnteredEventDetails.name: want a string, have 5; check what answers",
		},
		{"the token", `{"events":[],"nextToken":5}`, "history " + arn + ": nextToken: "},
		{"no JSON", `<html>`, "history " + arn + " is not the JSON of GetExecutionHistory"},
		{"too long", `{"events":[],"padding":"` + strings.Repeat("x", 1000) + `"}`, "it is longer than 1000 bytes"},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			c, _ := client(t, wire(t, test.body), 1)
			c.LimitBodies(1000)
			_, err := c.HistoryAfter(t.Context(), arn, 0, 100)
			require.ErrorContains(t, err, test.want)
			require.ErrorContains(t, err, arn)
			require.NotContains(t, err.Error(), "\n")
			require.True(t, stepfunctions.ConcernsOne(err))
		})
	}
}

func TestErrorsSayWhatMendsThem(t *testing.T) {
	cases := []struct {
		code, want string
		one        bool
	}{
		{"AccessDeniedException", "AccessDeniedException: scripted; allow states:GetExecutionHistory to", true},
		{"ExpiredTokenException", "ExpiredTokenException: scripted; renew the AWS credentials", false},
		{"ExecutionDoesNotExist", "ExecutionDoesNotExist: scripted; it was deleted", true},
		{"InvalidArn", "InvalidArn: scripted", true},
	}
	for _, test := range cases {
		t.Run(test.code, func(t *testing.T) {
			s := stepfunctionstest.New(t)
			s.Fail("GetExecutionHistory", 0, 1, test.code, 400)
			c, _ := client(t, s, 1)
			_, err := c.HistoryAfter(t.Context(), arn, 0, 100)
			require.ErrorContains(t, err, "read history of "+arn+": call GetExecutionHistory of Step Functions: "+test.want)
			require.Equal(t, test.one, stepfunctions.ConcernsOne(err))
		})
	}
}
