package otlplimits

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	logspb "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	metricspb "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	tracepb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The messages are those of the published OTLP: each string and each message in a message is known.
func TestSchemaIsOTLP(t *testing.T) {
	for signal, published := range map[Signal]proto.Message{
		Traces: &tracepb.ExportTraceServiceRequest{}, Logs: &logspb.ExportLogsServiceRequest{},
		Metrics: &metricspb.ExportMetricsServiceRequest{},
	} {
		compare(t, published.ProtoReflect().Descriptor(), requests[signal], make(map[protoreflect.FullName]bool))
	}
}

func compare(t *testing.T, d protoreflect.MessageDescriptor, m *message, seen map[protoreflect.FullName]bool) {
	t.Helper()
	if seen[d.FullName()] {
		return
	}
	seen[d.FullName()] = true
	for i := range d.Fields().Len() {
		f := d.Fields().Get(i)
		number := int32(f.Number())
		require.Equal(t, f.Kind() == protoreflect.StringKind, m.isText(number), f.FullName())
		if f.Kind() != protoreflect.MessageKind {
			require.Nil(t, m.field(number), f.FullName())
			continue
		}
		require.NotNil(t, m.field(number), f.FullName())
		compare(t, f.Message(), m.field(number), seen)
	}
	nested := d.FullName() == "opentelemetry.proto.common.v1.ArrayValue" ||
		d.FullName() == "opentelemetry.proto.common.v1.KeyValueList"
	require.Equal(t, nested, m.nesting, d.FullName())
}
