package stepfunctionsreceiver_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/receiver/receivertest"

	"github.com/steptrace/steptrace/collector/stepfunctionsreceiver"
)

const paying = "2 <- 0 +10 TaskStateEntered name=Pay\n" +
	"3 <- 2 +10 LambdaFunctionScheduled resource=arn:aws:lambda:eu-west-1:1:function:pay " +
	"input=`{\"iban\":\"I1\",\"token\":\"T1\",\"long\":\"0123456789\"}`\n" +
	"4 <- 3 +20 LambdaFunctionFailed error=Denied cause=`{\"errorMessage\":\"password=T2 for I2\"}`\n" +
	"5 <- 4 +20 ExecutionFailed error=Denied cause=`{\"errorMessage\":\"password=T2 for I2\"}`\n"

// received is all that both pipelines get of an execution that fails, as OTLP/JSON.
func received(t *testing.T, configure func(*stepfunctionsreceiver.PayloadsConfig)) (traces, logs string) {
	t.Helper()
	_, e, cfg := setUp(t)
	configure(&cfg.Payloads)
	e.Append(t, paying)
	factory := stepfunctionsreceiver.NewFactory()
	set := receivertest.NewNopSettings(factory.Type())
	spans, records := new(consumertest.TracesSink), new(consumertest.LogsSink)
	r, err := factory.CreateTraces(t.Context(), set, cfg, spans)
	require.NoError(t, err)
	_, err = factory.CreateLogs(t.Context(), set, cfg, records)
	require.NoError(t, err)
	require.NoError(t, r.Start(t.Context(), componenttest.NewNopHost()))
	require.Eventually(t, func() bool { return spans.SpanCount() == 3 && records.LogRecordCount() == 5 },
		5*time.Second, time.Millisecond)
	require.NoError(t, r.Shutdown(t.Context()))
	for _, batch := range spans.AllTraces() {
		text, err := (&ptrace.JSONMarshaler{}).MarshalTraces(batch)
		require.NoError(t, err)
		traces += string(text)
	}
	for _, batch := range records.AllLogs() {
		text, err := (&plog.JSONMarshaler{}).MarshalLogs(batch)
		require.NoError(t, err)
		logs += string(text)
	}
	return traces, logs
}

func TestPayloadsAreRedactedByDefault(t *testing.T) {
	traces, logs := received(t, func(*stepfunctionsreceiver.PayloadsConfig) {})
	for _, out := range []string{traces, logs} {
		require.NotContains(t, out, "T1")
		require.NotContains(t, out, "T2")
		require.Contains(t, out, "password=[REDACTED] for I2")
	}
	require.Contains(t, logs, `iban\\\":\\\"I1`)
	require.Contains(t, traces, "steptrace.payload.fingerprint")
}

func TestPayloadsAsConfigured(t *testing.T) {
	traces, logs := received(t, func(c *stepfunctionsreceiver.PayloadsConfig) {
		c.MaxBytes, c.Fingerprints = 50, false
		c.Redact = stepfunctionsreceiver.RedactConfig{Keys: []string{"iban"}, Paths: []string{"$.errorMessage"}}
	})
	require.NotContains(t, logs, "I1")
	require.Contains(t, logs, "T1")
	require.NotContains(t, logs, "0123456789")
	require.Contains(t, logs, "bytes cut]")
	require.NotContains(t, traces+logs, "T2")
	require.NotContains(t, traces, "fingerprint")
}

func TestPayloadsCanBeKeptBack(t *testing.T) {
	traces, logs := received(t, func(c *stepfunctionsreceiver.PayloadsConfig) { c.Capture = false })
	for _, out := range []string{traces, logs} {
		for _, text := range []string{"T1", "T2", "I1", "I2", "errorMessage"} {
			require.NotContains(t, out, text)
		}
		require.Contains(t, out, "Denied")
	}
	require.Contains(t, traces, "steptrace.payload.fingerprint")
}
