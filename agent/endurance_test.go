package agent_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent"
	"github.com/steptrace/steptrace/agent/awsapi"
	"github.com/steptrace/steptrace/agent/checkpoint"
	"github.com/steptrace/steptrace/agent/statusqueue"
	"github.com/steptrace/steptrace/agent/stepfunctions"
	"github.com/steptrace/steptrace/agent/stepfunctions/stepfunctionstest"
	"github.com/steptrace/steptrace/sandbox"
	"github.com/steptrace/steptrace/sandbox/awswire"
)

// The run: executions of 8 events that last 8 s, begun 10 at a time between two polls.
const (
	enduredExecutions = 2000
	enduredBatch      = 10
	enduredKills      = 100
	enduredEvents     = 8
	enduredDefinition = `{"StartAt":"A","States":{
		"A":{"Type":"Pass","Next":"W"},"W":{"Type":"Wait","Seconds":8,"Next":"B"},"B":{"Type":"Pass","End":true}}}`
)

// TestExecutionsUnderQuotasFaultsAndKills follows 2,000 executions in a sandbox that has AWS's quotas and fails now and
// then, with an agent that is killed in the midst of its calls at least 100 times. No event is lost, none differs from
// another time it came, nothing is throttled, and the calls are within 2 % of
//
//	Σ over the polls not killed: unfinished executions in the checkpoint + those newly told of,
//	                             as far as the quota goes                (GetExecutionHistory)
//	                             + 1 if any is new to the process        (definition)
//	Σ over the processes that had such a poll: 1 + 2                      (ListStateMachines, ListExecutions)
//	+ calls that were made to fail
//
// which is the least for whoever remembers no more than a checkpoint and hands over each event within a poll's interval.
// What a killed poll had called is lost with it and not counted on either side.
func TestExecutionsUnderQuotasFaultsAndKills(t *testing.T) {
	e := newEndurance(t)
	bound, calls := 0, 0
	e.process()
	for e.begun < enduredExecutions || !e.finished() {
		e.beginSome()
		e.advance(t.Context(), 5*time.Second)
		e.hear()
		due := e.due()
		killAt := 0 // not at all
		if e.random.Float64() < 0.6 {
			killAt = 1 + e.random.IntN(due+1)
		}
		made, failed := e.poll(killAt)
		if e.dead() {
			e.process()
			continue
		}
		calls += made
		bound += due + failed
		if e.young {
			bound += 3
			e.young = false
		}
	}
	e.checkArrived()
	require.GreaterOrEqual(t, e.killed, enduredKills)
	require.Empty(t, e.sandbox.Throttled())
	require.LessOrEqual(t, float64(calls), 1.02*float64(bound))
	t.Logf("%d executions, %d kills, %d calls, lower bound %d: %.4f", e.begun, e.killed, calls, bound,
		float64(calls)/float64(bound))
}

// endurance is the sandbox, what goes on in it, and the process of the day.
type endurance struct {
	t       *testing.T
	clock   *quartz.Mock
	random  *rand.Rand
	sandbox *sandbox.Sandbox
	aws     aws.Config
	machine string
	queue   string
	begun   int
	killed  int
	arrived *sink // by all processes

	dir    string // of the checkpoint
	young  bool   // the process has had no poll
	client *stepfunctions.Client
	agent  *agent.Agent
	reader *statusqueue.Queue
	sink   *sink
	wire   *wire
	told   map[string]bool
}

// lenient lets the clock be advanced while others set timers: that it would jump over one is no error, it stays.
type lenient struct{ testing.TB }

func (lenient) Errorf(string, ...any) {}

func newEndurance(t *testing.T) *endurance {
	e := &endurance{
		t: t, clock: quartz.NewMock(lenient{t}).WithLogger(quartz.NoOpLogger), random: rand.New(rand.NewPCG(1, 2)),
		arrived: &sink{}, dir: filepath.Join(t.TempDir(), "0"), told: make(map[string]bool),
	}
	var err error
	e.sandbox, err = sandbox.Start(t.Context(), sandbox.Config{
		Clock: e.clock, Quotas: sandbox.PublishedQuotas(), Seed: 1, Faults: []sandbox.Fault{
			{
				Service: sandbox.StepFunctions, Operation: "GetExecutionHistory", Probability: 0.01, Count: 1000,
				Error: &awswire.Error{Code: "InternalFailure", Message: "injected", Status: 500},
			},
			{
				Service: sandbox.SQS, Operation: "ReceiveMessage", Probability: 0.01, Count: 1000,
				Error: &awswire.Error{Code: "InternalFailure", Message: "injected", Status: 500},
			},
		},
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.sandbox.Close(context.Background())) })
	e.aws = aws.Config{
		Region: "eu-west-1", BaseEndpoint: aws.String(e.sandbox.URL()), Credentials: testCredentials,
		HTTPClient: stepfunctionstest.HTTPClient(t),
	}
	for _, tag := range []string{"awsapi", "quota", "sqs-receive"} {
		e.passing(tag)
	}
	e.deploy()
	return e
}

// deploy makes the state machine, and the queue of its executions' status changes.
func (e *endurance) deploy() {
	machine, err := sfn.NewFromConfig(e.aws).CreateStateMachine(e.t.Context(), &sfn.CreateStateMachineInput{
		Name: aws.String("m"), Definition: aws.String(enduredDefinition), RoleArn: aws.String("arn:aws:iam::1:role/r"),
	})
	require.NoError(e.t, err)
	queue, err := sqs.NewFromConfig(e.aws).CreateQueue(e.t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("q")})
	require.NoError(e.t, err)
	events, rule := eventbridge.NewFromConfig(e.aws), aws.String("changes")
	_, err = events.PutRule(e.t.Context(), &eventbridge.PutRuleInput{
		Name: rule, EventPattern: aws.String(`{"source":["aws.states"]}`),
	})
	require.NoError(e.t, err)
	_, err = events.PutTargets(e.t.Context(), &eventbridge.PutTargetsInput{Rule: rule, Targets: []ebtypes.Target{
		{Id: aws.String("q"), Arn: aws.String("arn:aws:sqs:eu-west-1:123456789012:q")},
	}})
	require.NoError(e.t, err)
	e.machine, e.queue = *machine.StateMachineArn, *queue.QueueUrl
}

// process begins a new one, which knows what the checkpoint has.
func (e *endurance) process() {
	e.sink, e.wire, e.young = &sink{}, &wire{}, true
	cfg := e.aws.Copy()
	cfg.HTTPClient = &http.Client{Transport: e.wire}
	var err error
	e.client, err = stepfunctions.New(cfg, "", awsapi.Options{Share: 0.9, Clock: e.clock})
	require.NoError(e.t, err)
	e.agent, err = agent.New(agent.Config{
		PollInterval: 5 * time.Second, DiscoveryInterval: time.Hour, SweepInterval: time.Hour, RunningInterval: time.Hour,
		Lookback: time.Minute, InitialHistory: time.Hour, MapRunChildren: 1000,
		Checkpoint: filepath.Join(e.dir, "checkpoint.json"),
	}, agent.Parts{Client: e.client, Traces: tracesSink{e.sink}, Logs: logsSink{e.sink}, Clock: e.clock, Logger: discard})
	require.NoError(e.t, err)
	e.reader, err = statusqueue.New(cfg, statusqueue.Config{
		URL: e.queue, Clock: e.clock, Logger: slog.New(slog.DiscardHandler),
		Notify: func(x stepfunctions.Execution, done func(bool)) bool {
			e.told[x.ARN] = true
			return e.agent.Notify(agent.Notice{Execution: x, Done: done})
		},
	})
	require.NoError(e.t, err)
}

func (e *endurance) beginSome() {
	api := sfn.NewFromConfig(e.aws, func(o *sfn.Options) { o.Retryer = aws.NopRetryer{} })
	for range min(enduredBatch, enduredExecutions-e.begun) {
		_, err := api.StartExecution(e.t.Context(), &sfn.StartExecutionInput{
			StateMachineArn: &e.machine, Name: aws.String(fmt.Sprint("run-", e.begun)),
		})
		require.NoError(e.t, err)
		e.begun++
	}
}

// advance lets time pass.
func (e *endurance) advance(ctx context.Context, d time.Duration) {
	for end := e.clock.Now().Add(d); e.clock.Now().Before(end); {
		step := end.Sub(e.clock.Now())
		if next, ok := e.clock.Peek(); ok && next < step {
			step = next
		}
		e.clock.Advance(step).MustWait(ctx)
	}
}

// hear takes what the queue has to tell, without waiting for more.
func (e *endurance) hear() {
	clear(e.told)
	api := sqs.NewFromConfig(e.aws)
	for {
		out, err := api.GetQueueAttributes(e.t.Context(), &sqs.GetQueueAttributesInput{
			QueueUrl: &e.queue, AttributeNames: []sqstypes.QueueAttributeName{"ApproximateNumberOfMessages"},
		})
		require.NoError(e.t, err)
		if out.Attributes["ApproximateNumberOfMessages"] == "0" {
			return
		}
		_, _ = e.reader.Receive(e.t.Context()) // one that failed comes again
	}
}

// due is how many calls the next poll cannot do without.
func (e *endurance) due() int {
	known := e.checkpoint().Executions
	due, fresh := 0, 0
	for _, x := range known {
		if !x.Finished {
			due++
		}
	}
	for arn := range e.told {
		if _, ok := known[arn]; !ok {
			fresh++
		}
	}
	definition := min(fresh, 1)
	if e.young {
		definition = min(due+fresh, 1)
	}
	return min(due+fresh, e.client.Available(stepfunctions.GetExecutionHistory)) + definition
}

func (e *endurance) checkpoint() checkpoint.State {
	state, err := checkpoint.Load(filepath.Join(e.dir, "checkpoint.json"))
	require.NoError(e.t, err)
	return state
}

// poll takes a step, in which the process is killed at the call given, and counts the calls.
func (e *endurance) poll(killAt int) (calls, failed int) {
	e.wire.begin(killAt, e.kill)
	_ = e.agent.Poll(e.t.Context()) // what failed comes again
	e.keep()
	return e.wire.count()
}

// passing lets the time pass for which somebody waits within a step: for the quota, before another try, for messages.
func (e *endurance) passing(tag string) {
	ctx, cancel := context.WithCancel(context.Background())
	trap := e.clock.Trap().NewTimer(tag)
	var passing sync.WaitGroup
	passing.Go(func() {
		for {
			call, err := trap.Wait(ctx)
			if err != nil {
				return
			}
			call.MustRelease(ctx)
			e.advance(ctx, call.Duration)
		}
	})
	e.t.Cleanup(func() {
		cancel()
		passing.Wait()
		trap.Close()
	})
}

// kill ends the process as kill -9 does: from now on it can call nobody, hand over nothing, and what it writes goes where
// nobody looks.
func (e *endurance) kill() {
	e.killed++
	next := filepath.Join(filepath.Dir(e.dir), fmt.Sprint(e.killed))
	require.NoError(e.t, os.Rename(e.dir, next))
	e.dir = next
	e.sink.mu.Lock()
	defer e.sink.mu.Unlock()
	e.sink.refuseLogs, e.sink.refuseSpans = errKilled, errKilled
}

var errKilled = errors.New("killed")

func (e *endurance) dead() bool { return e.sink.refuseLogs != nil }

func (e *endurance) keep() {
	e.sink.mu.Lock()
	defer e.sink.mu.Unlock()
	e.arrived.events = append(e.arrived.events, e.sink.events...)
	e.arrived.spans = append(e.arrived.spans, e.sink.spans...)
	e.sink.events, e.sink.spans = nil, nil
}

// finished is true when every execution has ended and its end has been accepted.
func (e *endurance) finished() bool {
	ended := make(map[string]bool)
	for _, ev := range e.arrived.events {
		if ev.id == enduredEvents {
			ended[ev.execution] = true
		}
	}
	if len(ended) < enduredExecutions {
		return false
	}
	for _, x := range e.checkpoint().Executions {
		if !x.Finished {
			return false
		}
	}
	return true
}

// checkArrived wants each event and span, and those that came twice the same each time.
func (e *endurance) checkArrived() {
	events := make(map[string]string)
	for _, ev := range e.arrived.events {
		key := fmt.Sprint(ev.execution, "/", ev.id)
		if body, ok := events[key]; ok {
			require.Equal(e.t, body, ev.body, key)
		}
		events[key] = ev.body
	}
	require.Len(e.t, events, enduredExecutions*enduredEvents)
	spans := make(map[string]span)
	for _, s := range e.arrived.spans {
		if known, ok := spans[s.id]; ok {
			require.Equal(e.t, known, s)
		}
		spans[s.id] = s
	}
	require.Len(e.t, spans, enduredExecutions*4, "the execution and its three states")
}

// wire counts calls of Step Functions and can have the process killed at one of them.
type wire struct {
	mu            sync.Mutex
	calls, failed int
	killAt        int
	kill          func()
	killed        bool
}

func (w *wire) begin(killAt int, kill func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls, w.failed, w.killAt, w.kill = 0, 0, killAt, kill
}

func (w *wire) count() (calls, failed int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.calls, w.failed
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	counted := strings.HasPrefix(r.Header.Get("X-Amz-Target"), "AWSStepFunctions.")
	if counted && w.dies() {
		return nil, errKilled
	}
	out, err := http.DefaultTransport.RoundTrip(r)
	if err == nil && counted && out.StatusCode >= 500 {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.failed++
	}
	return out, err
}

// dies counts a call, and is true when the process has been killed before it or by it.
func (w *wire) dies() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls++
	if w.calls == w.killAt {
		w.kill()
		w.killed = true
	}
	return w.killed
}
