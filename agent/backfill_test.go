package agent_test

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumererror"

	"github.com/steptrace/steptrace/agent"
	"github.com/steptrace/steptrace/agent/awsapi"
	"github.com/steptrace/steptrace/agent/history/historytest"
	"github.com/steptrace/steptrace/agent/sampling"
	"github.com/steptrace/steptrace/agent/selector"
	"github.com/steptrace/steptrace/agent/stepfunctions"
	"github.com/steptrace/steptrace/agent/stepfunctions/stepfunctionstest"
)

// The period of the tests: histories as text begin at its Since, wherever the execution has started.
var past = agent.Period{Since: historytest.Epoch, Until: historytest.Epoch.Add(time.Hour), Asked: "an hour"}

const day = 24 * time.Hour

// backfill makes a backfill as a new process would, with a sink of its own.
func (w *world) backfill() (*agent.Backfill, *sink) {
	w.t.Helper()
	s := &sink{}
	b, err := agent.NewBackfill(w.config, past, w.parts(s))
	require.NoError(w.t, err)
	return b, s
}

func (w *world) parts(s *sink) agent.Parts {
	w.t.Helper()
	cfg := aws.Config{Region: "eu-west-1", HTTPClient: stepfunctionstest.HTTPClient(w.t), Credentials: testCredentials}
	client, err := stepfunctions.New(cfg, w.api.URL, awsapi.Options{Share: w.share, Clock: w.clock, Meter: w.meter})
	require.NoError(w.t, err)
	return agent.Parts{
		Client: client, Traces: tracesSink{s}, Logs: logsSink{s}, Clock: w.clock,
		Logger: slog.New(slog.NewTextHandler(&w.log, nil)), Meter: w.meter,
	}
}

// readAll polls until nothing is left to do.
func (w *world) readAll(b *agent.Backfill) agent.Progress {
	w.t.Helper()
	for range 200 {
		done, err := b.Poll(w.t.Context())
		require.NoError(w.t, err)
		if done {
			return b.Progress()
		}
		w.clock.Advance(w.config.PollInterval).MustWait(w.t.Context())
	}
	require.Fail(w.t, "it does not end", "%+v", b.Progress())
	return agent.Progress{}
}

// newPast is a world two hours after the period. Its clock does not log who asks for the time: backfills ask often.
func newPast(t *testing.T) *world {
	w := newWorld(t)
	w.clock = quartz.NewMock(t).WithLogger(quartz.NoOpLogger)
	w.clock.Set(historytest.Epoch.Add(3 * time.Hour)).MustWait(t.Context())
	return w
}

func counts(p agent.Progress) string {
	return fmt.Sprintf("%d/%d done, %d nested: %d read, %d running, %d gone, %d refused, %d failed, %d sampled out; %d events",
		p.Done, p.Found, p.Nested, p.Read, p.Running, p.Gone, p.Refused, p.Failed, p.Sampled, p.Events)
}

func TestABackfillReadsWhatStartedOrStoppedInThePeriod(t *testing.T) {
	w := newPast(t)
	w.api.LimitPages(2)
	whole := firstHalf + secondHalf
	for _, name := range []string{"a", "b"} {
		m := w.api.AddStateMachine(name, "{}")
		w.api.Start(m, name+" stopped in it", historytest.Epoch.Add(-300*day)).Append(t, whole)
		w.api.Start(m, name+" began in it", historytest.Epoch.Add(time.Minute)).Append(t, whole)
		w.api.Start(m, name+" runs", historytest.Epoch.Add(2*time.Minute)).Append(t, firstHalf)
		w.api.Start(m, name+" runs, from before", historytest.Epoch.Add(-time.Minute)).Append(t, firstHalf)
		w.api.Start(m, name+" began after it", historytest.Epoch.Add(2*time.Hour)).Append(t, firstHalf)
	}
	w.api.AddExpress("express")
	b, s := w.backfill()
	require.Equal(t, "0/0 done, 0 nested: 0 read, 0 running, 0 gone, 0 refused, 0 failed, 0 sampled out; 0 events",
		counts(b.Progress()))
	p := w.readAll(b)
	require.Equal(t, "6/6 done, 0 nested: 4 read, 2 running, 0 gone, 0 refused, 0 failed, 0 sampled out; 36 events", counts(p))
	require.True(t, p.Complete)
	require.Empty(t, p.Left)
	require.Len(t, s.events, 36)
	for _, name := range []string{"a", "b"} {
		require.Equal(t, ids(1, 7), s.ids(name+" stopped in it"))
		require.Equal(t, ids(1, 7), s.ids(name+" began in it"))
		require.Equal(t, ids(1, 4), s.ids(name+" runs"), "as far as it has got")
	}
	require.Len(t, s.defined, 2)
	require.Empty(t, w.checkpoint().Executions)
}

func TestABackfillKeepsToItsStateMachines(t *testing.T) {
	w := newPast(t)
	w.config.StateMachines = selector.Machines{"image-*"}
	for _, name := range []string{"image-a", "other"} {
		w.api.Start(w.api.AddStateMachine(name, "{}"), name, historytest.Epoch).Append(t, firstHalf+secondHalf)
	}
	b, s := w.backfill()
	require.Equal(t, 1, w.readAll(b).Done)
	require.Len(t, s.ids("image-a"), 7)
}

// An execution that another one started is read when it is not to be found in the listings, and never twice.
func TestABackfillReadsNestedExecutionsOnce(t *testing.T) {
	w := newPast(t)
	w.config.StateMachines = selector.Machines{"parent", "listed"}
	parents, listed, apart := w.api.AddStateMachine("parent", "{}"), w.api.AddStateMachine("listed", "{}"),
		w.api.AddStateMachine("apart", "{}")
	var events string
	for i, child := range []*stepfunctionstest.Execution{
		w.api.Start(listed, "in the period", historytest.Epoch), w.api.Start(apart, "elsewhere", historytest.Epoch),
		w.api.Start(listed, "later", historytest.Epoch.Add(2*time.Hour)),
	} {
		if i < 2 {
			child.Append(t, firstHalf+secondHalf)
		} else {
			child.Append(t, "1 <- 0 +7200000 ExecutionStarted\n2 <- 1 +7200001 ExecutionSucceeded")
		}
		events += fmt.Sprintf("%[1]d <- 0 +1 TaskStateEntered name=Nest\n%[2]d <- %[1]d +1 TaskScheduled resourceType=states "+
			"resource=startExecution\n%[3]d <- %[2]d +2 TaskSucceeded resourceType=states resource=startExecution "+
			"output=`{\"ExecutionArn\":\"%[4]s\"}`\n", 3*i+2, 3*i+3, 3*i+4, child.ARN)
	}
	w.api.Start(parents, "parent", historytest.Epoch).Append(t, "1 <- 0 +0 ExecutionStarted\n"+events+
		"11 <- 0 +3 ExecutionSucceeded")
	b, s := w.backfill()
	p := w.readAll(b)
	require.Equal(t, "4/4 done, 2 nested: 4 read, 0 running, 0 gone, 0 refused, 0 failed, 0 sampled out; 27 events", counts(p))
	for child, events := range map[string]int64{"in the period": 7, "elsewhere": 7, "later": 2} {
		require.Equal(t, ids(1, events), s.ids(child))
	}
	require.Equal(t, 4, w.api.Calls("GetExecutionHistory"))
}

func TestABackfillReadsTheChildrenOfMapRuns(t *testing.T) {
	for name, end := range map[string]string{"that have ended": mapFails, "that go on": ""} {
		t.Run(name, func(t *testing.T) {
			w := newPast(t)
			m := w.api.AddStateMachine("m", "{}")
			w.api.Start(m, "parent", historytest.Epoch).Append(t, mapBegins+end)
			child(w, m, "first", time.Second, firstHalf+secondHalf)
			child(w, m, "second", 2*time.Second, failedChild)
			b, s := w.backfill()
			p := w.readAll(b)
			require.Equal(t, 3, p.Done, counts(p))
			require.Equal(t, 2, p.Nested)
			require.True(t, p.Complete)
			require.Equal(t, ids(1, 7), s.ids("first"))
			require.Equal(t, ids(1, 6), s.ids("second"))
			require.Empty(t, w.checkpoint().Executions)
			require.Empty(t, w.checkpoint().MapRuns)
		})
	}
}

func TestABackfillNamesWhatAWSNoLongerHas(t *testing.T) {
	w := newPast(t)
	m := w.api.AddStateMachine("m", "{}")
	w.api.Start(m, "there", historytest.Epoch).Append(t, firstHalf+secondHalf)
	gone := w.api.Start(m, "gone", historytest.Epoch)
	gone.Append(t, firstHalf+secondHalf)
	w.api.Fail("GetExecutionHistory", 1, 1, "ExecutionDoesNotExist", 400)
	b, _ := w.backfill()
	p := w.readAll(b)
	require.Equal(t, "2/2 done, 0 nested: 1 read, 0 running, 1 gone, 0 refused, 0 failed, 0 sampled out; 7 events", counts(p))
	require.True(t, p.Complete, "nobody can bring it back")
	require.Len(t, p.Left, 1)
	require.Equal(t, "AWS no longer has its history", p.Left[0].Reason)
}

// What fails for long, or is refused, is named; the next start tries again just that.
func TestABackfillGivesUpWhatFails(t *testing.T) {
	w := newPast(t)
	m := w.api.AddStateMachine("m", "{}")
	for i := range 3 {
		w.api.Start(m, fmt.Sprint(i), historytest.Epoch.Add(time.Duration(i)*time.Second)).Append(t, firstHalf+secondHalf)
	}
	unlisted := w.api.AddStateMachine("z", "{}")
	w.api.Fail("ListExecutions", 1, 5, "AccessDeniedException", 400)
	w.api.Fail("GetExecutionHistory", 0, 3*5-2, "AccessDeniedException", 400)
	b, s := w.backfill()
	p := w.readAll(b)
	require.Equal(t, "3/3 done, 0 nested: 2 read, 0 running, 0 gone, 0 refused, 1 failed, 0 sampled out; 14 events", counts(p))
	require.False(t, p.Complete)
	require.Len(t, p.Left, 2)
	require.Equal(t, unlisted, p.Left[1].ARN)
	for _, left := range p.Left {
		require.Contains(t, left.Reason, "AccessDeniedException")
	}
	w.api.Calls("GetExecutionHistory")
	again, more := w.backfill()
	p = w.readAll(again)
	require.Equal(t, "3/3 done, 0 nested: 3 read, 0 running, 0 gone, 0 refused, 0 failed, 0 sampled out; 21 events", counts(p))
	require.True(t, p.Complete)
	require.Len(t, append(s.events, more.events...), 21)
	require.Equal(t, 1, w.api.Calls("GetExecutionHistory"))
}

func TestABackfillNamesWhatTheBackendRefuses(t *testing.T) {
	w := newPast(t)
	m := w.api.AddStateMachine("m", "{}")
	w.api.Start(m, "1", historytest.Epoch).Append(t, firstHalf+secondHalf)
	b, s := w.backfill()
	s.refuseSpans = consumererror.NewPermanent(errors.New("too large"))
	p := w.readAll(b)
	require.Equal(t, "1/1 done, 0 nested: 0 read, 0 running, 0 gone, 1 refused, 0 failed, 0 sampled out; 7 events", counts(p))
	require.False(t, p.Complete)
	again, s := w.backfill()
	require.True(t, w.readAll(again).Complete)
	require.Equal(t, allSpans, s.names())
}

func TestABackfillStopsWhenTooMuchFails(t *testing.T) {
	w := newPast(t)
	m := w.api.AddStateMachine("m", "{}")
	for i := range 1001 {
		w.api.Start(m, fmt.Sprint(i), historytest.Epoch).Append(t, firstHalf)
	}
	w.api.Fail("GetExecutionHistory", 0, 1<<30, "AccessDeniedException", 400)
	b, _ := w.backfill()
	var err error
	for range 1000 {
		if _, err = b.Poll(t.Context()); err != nil {
			break
		}
		w.clock.Advance(20 * time.Second).MustWait(t.Context())
	}
	require.ErrorContains(t, err, "too many executions could not be read or were refused: 1001")
}

func TestABackfillGoesOnOnlyWithItsOwn(t *testing.T) {
	w := newPast(t)
	w.api.Start(w.api.AddStateMachine("m", "{}"), "1", historytest.Epoch).Append(t, firstHalf+secondHalf)
	b, _ := w.backfill()
	_, err := b.Poll(t.Context())
	require.NoError(t, err)
	other := past
	other.Asked = "a day"
	_, err = agent.NewBackfill(w.config, other, w.parts(&sink{}))
	require.ErrorContains(t, err, `is that of an unfinished backfill of "an hour", not of "a day"`)
	_, err = agent.New(w.config, w.parts(&sink{}))
	require.ErrorContains(t, err, "is a backfill's")

	follower := newPast(t)
	follower.api.AddStateMachine("m", "{}")
	a, _ := follower.agent()
	require.NoError(t, a.Poll(t.Context()))
	_, err = agent.NewBackfill(follower.config, past, follower.parts(&sink{}))
	require.ErrorContains(t, err, "is that of an agent which follows")
}

// A machine that is updated often costs one slow call per revision, however many there are.
func TestABackfillAsksForEachRevisionOnce(t *testing.T) {
	w := newPast(t)
	m := w.api.AddStateMachine("m", forked("First", "Second"))
	var names []string
	for i := range 12 {
		at := historytest.Epoch.Add(time.Duration(i) * time.Minute)
		w.api.Redefine(m, forked("First", fmt.Sprint("Second", i)), at)
		for j := range 3 {
			name := fmt.Sprint(i, " ", j)
			w.api.Start(m, name, at.Add(time.Duration(20+j)*time.Second)).Fixed().Append(t, forkedHistory)
			names = append(names, name)
		}
	}
	b, s := w.backfill()
	w.readAll(b)
	require.Len(t, s.defined, 12)
	require.Equal(t, "12 slow, 0 quick", w.definitionCalls())
	slices.Sort(names)
	for _, name := range names {
		require.Len(t, s.ids(name), 10)
	}
}

// Of the sandbox all is read that an agent would have followed: the children of a Map Run, what a task has started, and
// what went on after a redrive.
func TestABackfillReadsAnExecutionsFamily(t *testing.T) {
	api, url, parent, mend := startFamily(t)
	ended(t, api, parent, types.ExecutionStatusFailed)
	mend()
	ended(t, api, parent, types.ExecutionStatusSucceeded)
	w := newWorld(t)
	w.config.StateMachines, w.config.PollInterval = selector.Machines{"family"}, 5*time.Millisecond
	s, clock := &sink{}, quartz.NewReal()
	cfg := aws.Config{Region: "eu-west-1", HTTPClient: stepfunctionstest.HTTPClient(t), Credentials: testCredentials}
	b, err := agent.NewBackfill(w.config, agent.Period{Since: time.Now().Add(-time.Hour), Until: time.Now()}, agent.Parts{
		Client: newClient(t, cfg, url, clock), Traces: tracesSink{s}, Logs: logsSink{s}, Clock: clock, Logger: discard,
	})
	require.NoError(t, err)
	over := make(chan error, 1)
	go func() { over <- b.Run(t.Context()) }()
	require.Eventually(t, func() bool { return b.Progress().Complete }, 20*time.Second, time.Millisecond)
	require.NoError(t, <-over)
	require.Empty(t, missing(t, api, parent, s))
	p := b.Progress()
	require.True(t, p.Complete)
	require.Equal(t, 1+5+2, p.Read)
	require.Equal(t, 5+2, p.Nested)
	require.EqualValues(t, len(s.events), p.Events)
}

func TestABackfillHeedsSampling(t *testing.T) {
	w := newPast(t)
	w.config.Sampling = sampling.Rules{{}}
	m := w.api.AddStateMachine("m", "{}")
	w.api.Start(m, "succeeded", historytest.Epoch).Append(t, firstHalf+secondHalf)
	w.api.Start(m, "failed", historytest.Epoch).Append(t, failedChild)
	w.api.Start(m, "runs", historytest.Epoch).Append(t, firstHalf)
	b, s := w.backfill()
	p := w.readAll(b)
	require.Equal(t, "3/3 done, 0 nested: 1 read, 1 running, 0 gone, 0 refused, 0 failed, 1 sampled out; 6 events", counts(p))
	require.Equal(t, ids(1, 6), s.ids("failed"))
}

// Run ends by itself: when all is there, and when nothing can be read for long.
func TestABackfillRunsToItsEnd(t *testing.T) {
	w := newPast(t)
	w.api.Start(w.api.AddStateMachine("m", "{}"), "1", historytest.Epoch).Append(t, firstHalf+secondHalf)
	w.api.Fail("ListStateMachines", 0, 10, "ExpiredTokenException", 400)
	b, _ := w.backfill()
	minute := time.Minute
	err := w.run(b, 2*time.Second, 4*time.Second, 8*time.Second, 16*time.Second, 32*time.Second, minute, minute, minute, minute)
	require.ErrorContains(t, err, "given up after 10 polls in a row that failed, start it again to go on")
	require.ErrorContains(t, err, "renew the AWS credentials")
	require.False(t, b.Progress().Complete)

	b, _ = w.backfill()
	require.NoError(t, w.run(b))
	require.True(t, b.Progress().Complete)
	require.NoFileExists(t, w.config.Checkpoint+".executions")
	require.False(t, w.checkpoint().Backfill.Finished.IsZero())
	b, s := w.backfill()
	require.NoError(t, w.run(b), "what has finished is begun anew")
	require.Len(t, s.events, 7)
}

// run runs the backfill to its end, through the pauses between its polls.
func (w *world) run(b *agent.Backfill, pauses ...time.Duration) error {
	w.t.Helper()
	trap := w.clock.Trap().NewTimer("backfill", "poll")
	ended := make(chan error, 1)
	go func() { ended <- b.Run(w.t.Context()) }()
	for _, pause := range pauses {
		timer := trap.MustWait(w.t.Context())
		require.Equal(w.t, pause, timer.Duration)
		timer.MustRelease(w.t.Context())
		w.clock.Advance(pause).MustWait(w.t.Context())
	}
	trap.Close()
	return <-ended
}

// While nobody takes what is read, nothing is lost and nothing given up.
func TestABackfillWaitsForTheBackend(t *testing.T) {
	w := newPast(t)
	w.api.Start(w.api.AddStateMachine("m", "{}"), "1", historytest.Epoch).Append(t, firstHalf+secondHalf)
	b, s := w.backfill()
	s.refuseLogs = errors.New("away")
	for range 50 {
		done, err := b.Poll(t.Context())
		require.ErrorContains(t, err, "away")
		require.False(t, done)
		w.clock.Advance(w.config.PollInterval).MustWait(t.Context())
	}
	s.refuseLogs = nil
	require.Equal(t, 1, w.readAll(b).Read)
	require.Equal(t, ids(1, 7), s.ids("1"))
	require.Equal(t, 1, w.api.Calls("GetExecutionHistory"))
}
