package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// A redrive that resumes a state counts its attempts anew, so that two have one alias.
func TestAttemptsOfOneAliasAreToldApartByTime(t *testing.T) {
	const arn = "arn:aws:states:eu-west-1:123456789012:execution:images:a"
	entered := time.UnixMilli(1_000)
	alias := spanid.AttemptAlias(arn, "Resize", entered.UnixMilli(), 0).String()
	at := func(id, parent, kind string, after time.Duration) Span {
		return Span{
			SpanID: id, ParentSpanID: parent, StartUnixNano: entered.Add(after).UnixNano(),
			Attributes: map[string]string{semconv.Kind: kind, semconv.ExecutionARN: arn, semconv.StateName: "Resize"},
		}
	}
	spans := []Span{
		at("state", "execution", semconv.KindState, 0),
		at("redriven", "state", semconv.KindAttempt, time.Hour),
		at("first", "state", semconv.KindAttempt, time.Second),
		at("early", alias, semconv.KindInvocation, 950*time.Millisecond), // by the function's clock
		at("late", alias, semconv.KindInvocation, time.Hour+time.Second),
		at("skewed", alias, semconv.KindInvocation, time.Hour-50*time.Millisecond),
		at("between", alias, semconv.KindInvocation, time.Minute),
	}
	adoptByAlias(spans)
	for n, want := range []string{"first", "redriven", "redriven", "first"} {
		require.Equal(t, want, spans[3+n].ParentSpanID, spans[3+n].SpanID)
		require.Equal(t, 1.0, spans[3+n].Join.Confidence)
	}
}
