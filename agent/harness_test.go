package agent_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
	otelmetric "go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.uber.org/goleak"

	"github.com/steptrace/steptrace/agent"
	"github.com/steptrace/steptrace/agent/awsapi"
	"github.com/steptrace/steptrace/agent/checkpoint"
	"github.com/steptrace/steptrace/agent/history/historytest"
	"github.com/steptrace/steptrace/agent/stepfunctions"
	"github.com/steptrace/steptrace/agent/stepfunctions/stepfunctionstest"
	"github.com/steptrace/steptrace/spanid/semconv"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	testCredentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
	})
	discard = slog.New(slog.DiscardHandler)
)

// world is a scripted API with what an agent needs to follow it.
type world struct {
	t      *testing.T
	api    *stepfunctionstest.Server
	clock  *quartz.Mock
	config agent.Config
	log    strings.Builder
	share  float64 // of the quotas
	reader *metric.ManualReader
	meter  otelmetric.Meter
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, api: stepfunctionstest.New(t), clock: quartz.NewMock(t), share: 1}
	w.clock.Set(historytest.Epoch.Add(time.Minute)).MustWait(t.Context())
	w.config = agent.Config{
		PollInterval: time.Second, DiscoveryInterval: 5 * time.Second, Lookback: time.Minute, InitialHistory: time.Hour,
		RunningInterval: time.Minute, MapRunChildren: 1000, Definitions: true,
		Checkpoint: filepath.Join(t.TempDir(), "checkpoint.json"),
	}
	return w
}

func newClient(t *testing.T, cfg aws.Config, url string, clock quartz.Clock) *stepfunctions.Client {
	t.Helper()
	c, err := stepfunctions.New(cfg, url, awsapi.Options{Share: 1, Clock: clock})
	require.NoError(t, err)
	return c
}

// measured has agents made from now on count.
func (w *world) measured() {
	w.reader = metric.NewManualReader()
	w.meter = metric.NewMeterProvider(metric.WithReader(w.reader)).Meter("test")
}

// agent makes an agent as a new process would, with a sink of its own.
func (w *world) agent() (*agent.Agent, *sink) {
	w.t.Helper()
	s := &sink{}
	cfg := aws.Config{Region: "eu-west-1", HTTPClient: stepfunctionstest.HTTPClient(w.t), Credentials: testCredentials}
	client, err := stepfunctions.New(cfg, w.api.URL, awsapi.Options{Share: w.share, Clock: w.clock, Meter: w.meter})
	require.NoError(w.t, err)
	a, err := agent.New(w.config, agent.Parts{
		Client: client, Traces: tracesSink{s}, Logs: logsSink{s}, Clock: w.clock,
		Logger: slog.New(slog.NewTextHandler(&w.log, nil)), Meter: w.meter,
	})
	require.NoError(w.t, err)
	return a, s
}

func (w *world) checkpoint() checkpoint.State {
	w.t.Helper()
	state, err := checkpoint.Load(w.config.Checkpoint)
	require.NoError(w.t, err)
	return state
}

// sink collects what it accepts.
type sink struct {
	mu                      sync.Mutex
	refuseLogs, refuseSpans error
	refuseDefinitions       error
	events                  []event
	defined                 []defined
	spans                   []span
}

type event struct {
	execution string // its name
	id        int64
	body      string
}

// defined is a definition, and how many events had been accepted before it.
type defined struct {
	name, machine, revision, typ, body string
	since, observed                    time.Time
	after                              int
}

type span struct{ kind, name, id, parent, status string }

type (
	logsSink   struct{ *sink }
	tracesSink struct{ *sink }
)

func (s *sink) Capabilities() consumer.Capabilities { return consumer.Capabilities{MutatesData: true} }

func (s logsSink) ConsumeLogs(_ context.Context, logs plog.Logs) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer logs.ResourceLogs().RemoveIf(func(plog.ResourceLogs) bool { return true }) // what is given may be changed
	if s.refuseLogs != nil {
		return s.refuseLogs
	}
	if s.refuseDefinitions != nil && isDefinition(logs) {
		return s.refuseDefinitions
	}
	for _, rl := range logs.ResourceLogs().All() {
		for _, sl := range rl.ScopeLogs().All() {
			for _, r := range sl.LogRecords().All() {
				if r.EventName() == semconv.StateMachineDefined {
					s.defined = append(s.defined, s.definition(rl.Resource().Attributes(), r))
					continue
				}
				name, _ := r.Attributes().Get(semconv.ExecutionName)
				id, _ := r.Attributes().Get(semconv.EventID)
				s.events = append(s.events, event{name.Str(), id.Int(), r.Body().AsString()})
			}
		}
	}
	return nil
}

func isDefinition(logs plog.Logs) bool {
	return logs.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0).EventName() == semconv.StateMachineDefined
}

func (s *sink) definition(resource pcommon.Map, r plog.LogRecord) defined {
	text := func(of pcommon.Map, key string) string {
		v, _ := of.Get(key)
		return v.Str()
	}
	return defined{
		name: text(resource, semconv.StateMachineName), machine: text(resource, semconv.StateMachineARN),
		revision: text(r.Attributes(), semconv.StateMachineRevision), typ: text(r.Attributes(), semconv.StateMachineType),
		body: r.Body().Str(), since: r.Timestamp().AsTime(), observed: r.ObservedTimestamp().AsTime(), after: len(s.events),
	}
}

func (s tracesSink) ConsumeTraces(_ context.Context, traces ptrace.Traces) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer traces.ResourceSpans().RemoveIf(func(ptrace.ResourceSpans) bool { return true })
	if s.refuseSpans != nil {
		return s.refuseSpans
	}
	for _, rs := range traces.ResourceSpans().All() {
		for _, ss := range rs.ScopeSpans().All() {
			for _, sp := range ss.Spans().All() {
				kind, _ := sp.Attributes().Get(semconv.Kind)
				s.spans = append(s.spans, span{
					kind.Str(), sp.Name(), sp.SpanID().String(), sp.ParentSpanID().String(), sp.Status().Code().String(),
				})
			}
		}
	}
	return nil
}

// ids are the accepted events of an execution, in the order of acceptance.
func (s *sink) ids(execution string) []int64 {
	var ids []int64
	for _, e := range s.events {
		if e.execution == execution {
			ids = append(ids, e.id)
		}
	}
	return ids
}

func (s *sink) names() []string {
	names := make([]string, 0, len(s.spans))
	for _, sp := range s.spans {
		names = append(names, sp.kind+" "+sp.name)
	}
	slices.Sort(names)
	return names
}

// Two halves of an execution.
const (
	firstHalf = `
1 <- 0 +0 ExecutionStarted input={}
2 <- 0 +10 TaskStateEntered name=Store
3 <- 2 +10 TaskScheduled resourceType=dynamodb resource=putItem
4 <- 3 +20 TaskStarted resourceType=dynamodb resource=putItem
`
	secondHalf = `
5 <- 4 +50 TaskSucceeded resourceType=dynamodb resource=putItem
6 <- 5 +50 TaskStateExited name=Store
7 <- 6 +60 ExecutionSucceeded output={}
`
)

var allSpans = []string{"attempt dynamodb putItem", "execution m", "state Store"}
