package stepfunctions

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/interpreter"
)

const activityOfTests = "arn:aws:states:eu-west-1:123456789012:activity:a"

func activityTask(more string) string {
	return `{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"` + activityOfTests + `"` + more + `,"End":true}}}`
}

func (b *bench) activity(name string) string {
	b.t.Helper()
	out, err := b.CreateActivity(b.ctx, &sfn.CreateActivityInput{Name: &name})
	require.NoError(b.t, err)
	return *out.ActivityArn
}

// work takes a task of the activity of the tests.
func (b *bench) work(worker string) *sfn.GetActivityTaskOutput {
	b.t.Helper()
	in := &sfn.GetActivityTaskInput{ActivityArn: new(activityOfTests)}
	if worker != "" {
		in.WorkerName = &worker
	}
	out, err := b.GetActivityTask(b.ctx, in)
	require.NoError(b.t, err)
	return out
}

func TestActivityIsWorkedOn(t *testing.T) {
	b := newBench(t, Config{})
	require.Equal(t, activityOfTests, b.activity("a"))
	machine := b.machine("m", activityTask(`,"Parameters":{"n.$":"$.n"}`))
	good := b.start(machine, "good", `{"n":1}`)
	task := b.work("worker 1")
	require.Equal(t, `{"n":1}`, *task.Input)
	require.Equal(t, []string{"3<-2 ActivityScheduled", "4<-3 ActivityStarted"}, b.lines(good)[2:], "it has started when the worker knows of it")
	require.NoError(t, b.succeed(*task.TaskToken, `{"done":true}`))
	require.JSONEq(t, `{"done":true}`, *b.await(good).Output)
	events := b.history(good)
	require.Equal(t, []string{"5<-4 ActivitySucceeded", "6<-5 TaskStateExited", "7<-6 ExecutionSucceeded"}, lines(events)[4:])
	require.Equal(t, activityOfTests, *events[2].ActivityScheduledEventDetails.Resource)
	require.Equal(t, `{"n":1}`, *events[2].ActivityScheduledEventDetails.Input)
	require.Equal(t, "worker 1", *events[3].ActivityStartedEventDetails.WorkerName)

	bad := b.start(machine, "bad", `{"n":2}`)
	token := *b.work("").TaskToken
	require.NoError(t, b.fail(token))
	require.Equal(t, "No", *b.await(bad).Error)
	events = b.history(bad)
	require.Equal(t, []string{"5<-4 ActivityFailed", "6<-5 ExecutionFailed"}, lines(events)[4:])
	require.Nil(t, events[3].ActivityStartedEventDetails.WorkerName)
	err := b.succeed(token, `{}`)
	requireCode(t, "TaskTimedOut", err)
	require.ErrorContains(t, err, "Task Timed Out: '"+activityOfTests+"'")
}

// A worker may be there before there is work. The oldest task comes first.
func TestWorkersWaitForTasks(t *testing.T) {
	clock := newMock(t)
	b := newBench(t, Config{Clock: clock})
	b.activity("a")
	machine := b.machine("m", activityTask(""))
	polls := clock.Trap().NewTimer(interpreter.PollTimer)
	got := make(chan *sfn.GetActivityTaskOutput)
	go func() { got <- b.work("early") }()
	require.Equal(t, time.Minute, released(b.ctx, polls))
	clock.Advance(59 * time.Second).MustWait(b.ctx)
	arns := make([]string, 3)
	for n := range arns {
		arns[n] = b.start(machine, fmt.Sprint(n), fmt.Sprint(n))
		b.awaitEvent(arns[n], func(e interpreter.Event) bool { return e.Type == "ActivityScheduled" })
	}
	require.Equal(t, "0", *(<-got).Input)
	go func() { got <- b.work("later") }()
	released(b.ctx, polls)
	require.Equal(t, "1", *(<-got).Input)

	_, err := b.StopExecution(b.ctx, &sfn.StopExecutionInput{ExecutionArn: &arns[2]})
	require.NoError(t, err)
	go func() { got <- b.work("late") }()
	released(b.ctx, polls)
	polls.Close()
	clock.Advance(time.Minute).MustWait(b.ctx)
	nothing := <-got
	require.Nil(t, nothing.TaskToken, "its task was aborted, and there is no other")
	require.Nil(t, nothing.Input)
}

// The times of a task run from when a worker has it.
func TestActivityTimesOut(t *testing.T) {
	for name, more := range map[string]string{
		"for want of a heartbeat": `,"TimeoutSeconds":60,"HeartbeatSeconds":5`, "as a whole": `,"TimeoutSeconds":5`,
	} {
		t.Run(name, func(t *testing.T) {
			clock := newMock(t)
			b := newBench(t, Config{Clock: clock})
			b.activity("a")
			beats := clock.Trap().NewTimer(interpreter.HeartbeatTimer)
			defer beats.Close()
			timeouts := clock.Trap().NewTimer(interpreter.TimeoutTimer)
			defer timeouts.Close()
			arn := b.start(b.machine("m", activityTask(more)), "x", `{}`)
			b.awaitEvent(arn, func(e interpreter.Event) bool { return e.Type == "ActivityScheduled" })
			clock.Advance(time.Hour).MustWait(b.ctx)
			b.work("w")
			released(b.ctx, timeouts)
			if strings.Contains(more, "Heartbeat") {
				released(b.ctx, beats)
			}
			clock.Advance(5 * time.Second).MustWait(b.ctx)
			out := b.await(arn)
			require.Equal(t, "States.Timeout", *out.Error)
			require.Equal(t, []string{"5<-4 ActivityTimedOut", "6<-5 ExecutionFailed"}, b.lines(arn)[4:])
		})
	}
}

func TestActivityThatDoesNotExist(t *testing.T) {
	b := newBench(t, Config{})
	out, events := b.run(activityTask(`,"Catch":[{"ErrorEquals":["States.ALL"],"Next":"T"}]`), `{}`)
	require.Equal(t, "States.Runtime", *out.Error)
	require.Equal(t, "An error occurred while executing the state 'T' (entered at the event id #2). The activity "+
		activityOfTests+" does not exist.", *out.Cause)
	require.Equal(t, []string{"1<-0 ExecutionStarted", "2<-0 TaskStateEntered", "3<-2 ExecutionFailed"}, lines(events))

	_, err := b.GetActivityTask(b.ctx, &sfn.GetActivityTaskInput{ActivityArn: new(activityOfTests)})
	requireCode(t, "ActivityDoesNotExist", err)
	_, err = b.DescribeActivity(b.ctx, &sfn.DescribeActivityInput{ActivityArn: new(activityOfTests)})
	requireCode(t, "ActivityDoesNotExist", err)
	_, err = b.GetActivityTask(b.ctx, &sfn.GetActivityTaskInput{ActivityArn: new("activity")})
	requireCode(t, "InvalidArn", err)
}

func TestActivitiesAreListed(t *testing.T) {
	clock := newMock(t)
	b := newBench(t, Config{Clock: clock})
	for _, name := range []string{"b", "a", "c", "a"} {
		b.activity(name)
	}
	var names []string
	pages := sfn.NewListActivitiesPaginator(b.Client, &sfn.ListActivitiesInput{MaxResults: 2})
	for pages.HasMorePages() {
		page, err := pages.NextPage(b.ctx)
		require.NoError(t, err)
		for _, a := range page.Activities {
			names = append(names, *a.Name)
		}
	}
	require.Equal(t, []string{"b", "a", "c"}, names)
	described, err := b.DescribeActivity(b.ctx, &sfn.DescribeActivityInput{ActivityArn: new(activityOfTests)})
	require.NoError(t, err)
	require.Equal(t, "a", *described.Name)
	require.Equal(t, clock.Now().UTC(), described.CreationDate.UTC())

	_, err = b.TagResource(b.ctx, &sfn.TagResourceInput{ResourceArn: new(activityOfTests), Tags: []types.Tag{{Key: new("k"), Value: new("v")}}})
	require.NoError(t, err)
	tags, err := b.ListTagsForResource(b.ctx, &sfn.ListTagsForResourceInput{ResourceArn: new(activityOfTests)})
	require.NoError(t, err)
	require.Equal(t, "v", *tags.Tags[0].Value)
	for range 2 {
		_, err = b.DeleteActivity(b.ctx, &sfn.DeleteActivityInput{ActivityArn: new(activityOfTests)})
		require.NoError(t, err)
	}
	_, err = b.ListTagsForResource(b.ctx, &sfn.ListTagsForResourceInput{ResourceArn: new(activityOfTests)})
	requireCode(t, "ResourceNotFound", err)
}
