package spanid_test

import (
	"crypto/sha256"
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
)

const arn = "arn:aws:states:eu-west-1:123456789012:execution:image-workflow:5f0c1d5e-1f6e-4c6e-8d0b-2f3a4b5c6d7e"

// The golden values were computed with Python's hashlib from the rule written at digest; they are a public format.
func TestGoldenIDs(t *testing.T) {
	require.Equal(t, "e7b5fd1bd619b4f5c5b7ae5a41cd4e18", spanid.Trace(arn).String())
	require.Equal(t, "e41fdd881ca59e63", spanid.Span(semconv.KindExecution, arn, 0, 1).String())
	require.Equal(t, "853c07b0018c1c12", spanid.Span(semconv.KindState, arn, 2, 17).String())
	require.Equal(t, "71a6d0f4173c4b47", spanid.AttemptAlias(arn, "Lambda-Rekognition", 1763884800123, 1).String())
}

// An independent encoder of the same rule, so that the golden values can be traced to it.
func TestTraceIsTheHashOfLengthPrefixedFields(t *testing.T) {
	var want []byte
	for _, f := range []string{"steptrace/v1/trace", arn} {
		want = binary.BigEndian.AppendUint64(want, uint64(len(f)))
		want = append(want, f...)
	}
	sum := sha256.Sum256(want)
	require.Equal(t, spanid.TraceID(sum[:16]), spanid.Trace(arn))
}

func TestSpanFieldsDoNotRunTogether(t *testing.T) {
	a := spanid.Span(semconv.KindState, arn, 1, 23)
	require.NotEqual(t, a, spanid.Span(semconv.KindState, arn, 12, 3))
	require.NotEqual(t, a, spanid.Span(semconv.KindState, arn+"1", 1, 23))
	require.NotEqual(t, a, spanid.Span(semconv.KindBranch, arn, 1, 23))
	require.NotEqual(t, spanid.AttemptAlias(arn, "ab", 1, 0), spanid.AttemptAlias(arn+"a", "b", 1, 0))
}

func TestSpansOfOneExecutionAreDistinct(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kinds := []string{semconv.KindState, semconv.KindAttempt, semconv.KindBranch, semconv.KindIteration}
		draw := func(label string) (string, int, int64) {
			return rapid.SampledFrom(kinds).Draw(t, label+" kind"), rapid.IntRange(0, 3).Draw(t, label+" redrive"),
				rapid.Int64Range(1, 25_000).Draw(t, label+" event")
		}
		k1, r1, e1 := draw("a")
		k2, r2, e2 := draw("b")
		same := k1 == k2 && r1 == r2 && e1 == e2
		if same != (spanid.Span(k1, arn, r1, e1) == spanid.Span(k2, arn, r2, e2)) {
			t.Fatalf("identity of (%s,%d,%d) and (%s,%d,%d)", k1, r1, e1, k2, r2, e2)
		}
	})
}
