package otlplimits_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"

	"github.com/steptrace/steptrace/collector/otlplimits"
)

func seed(f *testing.F, encode func(request) ([]byte, error)) {
	for _, levels := range []int{0, 3, 64, 65, 400} {
		r, spans := oneSpan()
		nest(spans.Resource().Attributes().PutEmpty("deep"), levels)
		data, err := encode(r)
		require.NoError(f, err)
		f.Add(data)
	}
}

// What passes the check, the decoder makes no deeper values of than was said. The messages of logs are the same as
// those of spans as far as these go.
func FuzzProtobuf(f *testing.F) {
	seed(f, request.MarshalProto)
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := otlplimits.Protobuf(otlplimits.Logs, data); err == nil {
			decoded := plogotlp.NewExportRequest()
			if decoded.UnmarshalProto(data) == nil {
				checkDepth(t, decoded, otlplimits.MaxDepth)
			}
		}
	})
}

func FuzzJSON(f *testing.F) {
	seed(f, request.MarshalJSON)
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := otlplimits.JSON(data); err == nil {
			decoded := plogotlp.NewExportRequest()
			if decoded.UnmarshalJSON(data) == nil {
				checkDepth(t, decoded, 2*otlplimits.MaxDepth)
			}
		}
	})
}

func checkDepth(t *testing.T, r plogotlp.ExportRequest, most int) {
	t.Helper()
	for _, rl := range r.Logs().ResourceLogs().All() {
		attributes := pcommon.NewValueMap()
		rl.Resource().Attributes().CopyTo(attributes.Map())
		require.LessOrEqual(t, depth(attributes)-1, most)
		for _, sl := range rl.ScopeLogs().All() {
			for _, record := range sl.LogRecords().All() {
				require.LessOrEqual(t, depth(record.Body()), most)
			}
		}
	}
}

func depth(v pcommon.Value) (deepest int) {
	switch v.Type() {
	case pcommon.ValueTypeMap:
		for _, inner := range v.Map().All() {
			deepest = max(deepest, depth(inner))
		}
	case pcommon.ValueTypeSlice:
		for _, inner := range v.Slice().All() {
			deepest = max(deepest, depth(inner))
		}
	default:
		return 0
	}
	return deepest + 1
}
