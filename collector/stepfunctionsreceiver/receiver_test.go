package stepfunctionsreceiver_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/receiver/receivertest"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/steptrace/steptrace/agent/stepfunctions/stepfunctionstest"
	"github.com/steptrace/steptrace/collector/stepfunctionsreceiver"
	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
)

const (
	started  = "1 <- 0 +0 ExecutionStarted input={}\n"
	finished = "2 <- 0 +10 PassStateEntered name=Pass\n3 <- 2 +10 PassStateExited name=Pass\n" +
		"4 <- 3 +20 ExecutionSucceeded output={}\n"
)

// setUp points the SDK at a scripted API with one running execution, begun just now.
func setUp(t *testing.T) (*stepfunctionstest.Server, *stepfunctionstest.Execution, *stepfunctionsreceiver.Config) {
	t.Helper()
	for key, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "eu-west-1",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
	} {
		t.Setenv(key, value)
	}
	api := stepfunctionstest.New(t)
	t.Setenv("AWS_ENDPOINT_URL", api.URL)
	e := api.Start(api.AddStateMachine("m", "{}"), "run", time.Now())
	e.Append(t, started)
	cfg := stepfunctionsreceiver.NewFactory().CreateDefaultConfig().(*stepfunctionsreceiver.Config)
	cfg.PollInterval, cfg.DiscoveryInterval = 5*time.Millisecond, time.Millisecond
	cfg.QuotaShare = 1
	cfg.Definitions = false // tests count events
	cfg.Checkpoint = filepath.Join(t.TempDir(), "checkpoint.json")
	return api, e, cfg
}

func TestBothPipelinesShareOneAgent(t *testing.T) {
	api, e, cfg := setUp(t)
	factory := stepfunctionsreceiver.NewFactory()
	set := receivertest.NewNopSettings(factory.Type())
	spans, logs := new(consumertest.TracesSink), new(consumertest.LogsSink)
	traces, err := factory.CreateTraces(t.Context(), set, cfg, spans)
	require.NoError(t, err)
	records, err := factory.CreateLogs(t.Context(), set, cfg, logs)
	require.NoError(t, err)
	require.Same(t, traces, records)
	for _, r := range []component.Component{traces, records} {
		require.NoError(t, r.Start(t.Context(), componenttest.NewNopHost()))
	}
	require.Eventually(t, func() bool { return logs.LogRecordCount() == 1 }, 5*time.Second, time.Millisecond)
	require.Zero(t, spans.SpanCount())
	e.Append(t, finished)
	require.Eventually(t, func() bool { return spans.SpanCount() == 2 }, 5*time.Second, time.Millisecond)
	for _, r := range []component.Component{traces, records} {
		require.NoError(t, r.Shutdown(t.Context()))
	}
	require.Equal(t, 4, logs.LogRecordCount())
	span := spans.AllTraces()[0].ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(1)
	require.Equal(t, trace.TraceID(spanid.Trace(e.ARN)), trace.TraceID(span.TraceID()))
	require.Equal(t, spanid.Span(semconv.KindExecution, e.ARN, 0, 1).String(), span.SpanID().String())
	name, _ := spans.AllTraces()[0].ResourceSpans().At(0).Resource().Attributes().Get(semconv.ServiceName)
	require.Equal(t, "m", name.Str())
	api.Calls("GetExecutionHistory")
}

func TestOnePipelineAlone(t *testing.T) {
	_, e, cfg := setUp(t)
	e.Append(t, finished)
	factory := stepfunctionsreceiver.NewFactory()
	logs := new(consumertest.LogsSink)
	r, err := factory.CreateLogs(t.Context(), receivertest.NewNopSettings(factory.Type()), cfg, logs)
	require.NoError(t, err)
	require.NoError(t, r.Start(t.Context(), componenttest.NewNopHost()))
	require.Eventually(t, func() bool { return logs.LogRecordCount() == 4 }, 5*time.Second, time.Millisecond)
	require.NoError(t, r.Shutdown(t.Context()))
}

func TestDefinitionsAreSaidAsConfigured(t *testing.T) {
	_, e, cfg := setUp(t)
	cfg.Definitions = true
	e.Append(t, finished)
	factory := stepfunctionsreceiver.NewFactory()
	logs := new(consumertest.LogsSink)
	r, err := factory.CreateLogs(t.Context(), receivertest.NewNopSettings(factory.Type()), cfg, logs)
	require.NoError(t, err)
	require.NoError(t, r.Start(t.Context(), componenttest.NewNopHost()))
	require.Eventually(t, func() bool { return logs.LogRecordCount() == 5 }, 5*time.Second, time.Millisecond)
	require.NoError(t, r.Shutdown(t.Context()))
	first := logs.AllLogs()[0].ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0)
	require.Equal(t, semconv.StateMachineDefined, first.EventName())
}

func TestUnsignedNeedsNoCredentials(t *testing.T) {
	api, e, cfg := setUp(t)
	e.Append(t, finished)
	for _, key := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"} {
		t.Setenv(key, "")
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	cfg.Endpoint, cfg.Unsigned = api.URL, true
	factory := stepfunctionsreceiver.NewFactory()
	logs := new(consumertest.LogsSink)
	r, err := factory.CreateLogs(t.Context(), receivertest.NewNopSettings(factory.Type()), cfg, logs)
	require.NoError(t, err)
	require.NoError(t, r.Start(t.Context(), componenttest.NewNopHost()))
	require.Eventually(t, func() bool { return logs.LogRecordCount() == 4 }, 5*time.Second, time.Millisecond)
	require.NoError(t, r.Shutdown(t.Context()))
}

func TestStartSaysWhatCannotBeUsed(t *testing.T) {
	_, _, cfg := setUp(t)
	require.NoError(t, os.WriteFile(cfg.Checkpoint, []byte("{"), 0o600))
	require.ErrorContains(t, start(t, cfg), cfg.Checkpoint)
	require.NoError(t, os.Remove(cfg.Checkpoint))
	require.NoError(t, os.Mkdir(cfg.Checkpoint+".next", 0o700))
	require.ErrorContains(t, start(t, cfg), "write checkpoint "+cfg.Checkpoint)
	t.Setenv("AWS_REGION", "")
	require.ErrorContains(t, start(t, cfg), "AWS_REGION")
}

func start(t *testing.T, cfg *stepfunctionsreceiver.Config) error {
	t.Helper()
	factory := stepfunctionsreceiver.NewFactory()
	r, err := factory.CreateLogs(t.Context(), receivertest.NewNopSettings(factory.Type()), cfg, consumertest.NewNop())
	require.NoError(t, err)
	err = r.Start(t.Context(), componenttest.NewNopHost())
	require.NoError(t, r.Shutdown(t.Context()), "what did not start can be shut down")
	return err
}

func TestARefusingConsumerLosesNothing(t *testing.T) {
	_, e, cfg := setUp(t)
	e.Append(t, finished)
	core, logged := observer.New(zap.WarnLevel)
	factory := stepfunctionsreceiver.NewFactory()
	set := receivertest.NewNopSettings(factory.Type())
	set.Logger = zap.New(core, zap.AddStacktrace(zap.WarnLevel))
	sink := &refusing{}
	r, err := factory.CreateLogs(t.Context(), set, cfg, sink)
	require.NoError(t, err)
	require.NoError(t, r.Start(t.Context(), componenttest.NewNopHost()))
	require.Eventually(t, func() bool { return sink.refused.Load() > 2 }, 5*time.Second, time.Millisecond)
	sink.accept.Store(true)
	require.Eventually(t, func() bool { return sink.records.Load() == 4 }, 5*time.Second, time.Millisecond)
	require.NoError(t, r.Shutdown(t.Context()))
	said := logged.FilterMessageSnippet("kept until the consumer takes it").All()
	require.NotEmpty(t, said)
	require.Empty(t, said[0].Stack, "it says nothing to users")
}

type refusing struct {
	accept           atomic.Bool
	refused, records atomic.Int64
}

func (*refusing) Capabilities() consumer.Capabilities { return consumer.Capabilities{} }

func (r *refusing) ConsumeLogs(_ context.Context, logs plog.Logs) error {
	if !r.accept.Load() {
		r.refused.Add(1)
		return errors.New("memory limit reached")
	}
	r.records.Add(int64(logs.LogRecordCount()))
	return nil
}
