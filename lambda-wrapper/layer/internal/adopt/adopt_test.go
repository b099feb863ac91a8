package adopt

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/trace"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// at is a moment of these tests, in milliseconds.
func at(ms int) time.Time { return time.UnixMilli(1_800_000_000_000 + int64(ms)) }

var (
	invocationSpan = trace.SpanID{0xee, 1}
	executionTrace = trace.TraceID{0xe0, 1}
)

// made is a span as an SDK sends it: its trace, id and parent are single hex digits.
type made struct {
	trace, id, parent string
	start             int
	remote            bool
	links             []string // traces
}

func idOf(digit string, size int) []byte {
	if digit == "" {
		return nil
	}
	id, _ := hex.DecodeString(strings.Repeat("0", 2*size-1) + digit)
	return id
}

// request is an export of the spans with parts that adopting must keep.
func request(t *testing.T, spans ...made) []byte {
	t.Helper()
	scope := &tracepb.ScopeSpans{Scope: &commonpb.InstrumentationScope{Name: "sdk"}, SchemaUrl: "scope-schema"}
	for _, m := range spans {
		s := &tracepb.Span{
			TraceId: idOf(m.trace, 16), SpanId: idOf(m.id, 8), ParentSpanId: idOf(m.parent, 8), Name: m.id, Flags: 0x101,
			Kind: tracepb.Span_SPAN_KIND_CLIENT, StartTimeUnixNano: uint64(at(m.start).UnixNano()), TraceState: "a=b",
			Attributes: []*commonpb.KeyValue{{Key: "k", Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: 9007199254740993}}}},
		}
		if m.remote {
			s.Flags = 0x301
		}
		for _, link := range m.links {
			s.Links = append(s.Links, &tracepb.Span_Link{TraceId: idOf(link, 16), SpanId: idOf("9", 8)})
		}
		scope.Spans = append(scope.Spans, s)
	}
	body, err := proto.Marshal(&tracepb.TracesData{ResourceSpans: []*tracepb.ResourceSpans{{
		Resource: &resourcepb.Resource{Attributes: []*commonpb.KeyValue{{Key: "service.name"}}}, SchemaUrl: "schema",
		ScopeSpans: []*tracepb.ScopeSpans{scope},
	}}})
	require.NoError(t, err)
	require.NoError(t, Check(body))
	return body
}

// adopted is "trace/id<parent" of each span, the zeros left out, and its links behind it; "I" is the invocation's span,
// "E" the execution's trace.
func adopted(t *testing.T, f *Family, requests ...[]byte) []string {
	t.Helper()
	var lines []string
	for _, body := range f.Adopt(requests) {
		var data tracepb.TracesData
		require.NoError(t, proto.Unmarshal(body, &data))
		for _, s := range data.ResourceSpans[0].ScopeSpans[0].Spans {
			line := short(s.TraceId) + "/" + short(s.SpanId)
			if len(s.ParentSpanId) > 0 {
				line += "<" + short(s.ParentSpanId)
			}
			for _, l := range s.Links {
				line += " ->" + short(l.TraceId) + "/" + short(l.SpanId)
			}
			lines = append(lines, line)
		}
	}
	return lines
}

func short(id []byte) string {
	switch text := hex.EncodeToString(id); {
	case trace.SpanID(id[:8]) == invocationSpan:
		return "I"
	case trace.SpanID(id[:8]) == trace.SpanID(executionTrace[:8]):
		return "E"
	default:
		return strings.TrimLeft(text, "0")
	}
}

// family knows one invocation, from 100 to 200 ms.
func family() (*Family, *Invocation) {
	f := NewFamily()
	i := &Invocation{Span: invocationSpan, Start: at(100), End: at(200)}
	f.Add(i)
	return f, i
}

func TestTheInvocationJoinsTheTraceOfTheFirstRoot(t *testing.T) {
	f, i := family()
	got := adopted(t, f, request(t, made{trace: "a", id: "2", parent: "1", start: 120}, made{trace: "a", id: "1", start: 110}))
	require.Equal(t, []string{"a/2<1", "a/1<I"}, got)
	require.Equal(t, "a", short(i.trace[:]))
	require.False(t, i.Parent().IsValid())
}

func TestRootsOfOtherTracesMoveWithAllThatBelongsToThem(t *testing.T) {
	f, _ := family()
	require.Equal(t, []string{"a/1<I", "a/2<I ->b/2", "a/3<2", "a/4<3 ->a/9"}, adopted(t, f,
		request(t, made{trace: "a", id: "1", start: 110}, made{trace: "b", id: "2", start: 120}),
		request(t, made{trace: "b", id: "3", parent: "2", start: 130}, made{trace: "b", id: "4", parent: "3", start: 140, links: []string{"b"}})))
	require.Equal(t, []string{"a/5<3"}, adopted(t, f, request(t, made{trace: "b", id: "5", parent: "3", start: 900})), "late")
}

func TestLogsFollowTheirSpans(t *testing.T) {
	f, i := family()
	body, err := proto.Marshal(&logspb.LogsData{ResourceLogs: []*logspb.ResourceLogs{{ScopeLogs: []*logspb.ScopeLogs{{
		LogRecords: []*logspb.LogRecord{{TraceId: idOf("a", 16), SpanId: idOf("1", 8), EventName: "e"}, {SeverityText: "INFO"}},
	}}}}})
	require.NoError(t, err)
	require.NoError(t, CheckLogs(body))
	require.Equal(t, [][]byte{body}, f.Follow([][]byte{body}))
	i.Decide(executionTrace, trace.SpanContext{})
	adopted(t, f, request(t, made{trace: "a", id: "1", start: 110}))
	var logs logspb.LogsData
	require.NoError(t, proto.Unmarshal(f.Follow([][]byte{body})[0], &logs))
	records := logs.ResourceLogs[0].ScopeLogs[0].LogRecords
	require.Equal(t, executionTrace[:], records[0].TraceId)
	require.Equal(t, idOf("1", 8), records[0].SpanId)
	require.Equal(t, "e", records[0].EventName)
	require.Equal(t, "INFO", records[1].SeverityText)
	require.ErrorIs(t, CheckLogs(body[:len(body)-1]), errMalformed)
}

func TestAnInvocationThatHasAPlaceTakesTheRootsThere(t *testing.T) {
	f, i := family()
	i.Decide(executionTrace, trace.SpanContext{})
	require.Equal(t, []string{"E/1<I ->a/1", "E/2<1"}, adopted(t, f,
		request(t, made{trace: "a", id: "1", start: 110}, made{trace: "a", id: "2", parent: "1", start: 120})))
}

func TestATraceThatComesFromElsewhereGoesThroughTheInvocation(t *testing.T) {
	f, i := family()
	got := adopted(t, f, request(t, made{trace: "a", id: "1", parent: "8", remote: true, start: 110}))
	require.Equal(t, []string{"a/1<I"}, got)
	require.Equal(t, trace.SpanID(idOf("8", 8)), i.Parent().SpanID())
	require.True(t, i.Parent().IsRemote())
	require.Equal(t, []string{"a/2<7"}, adopted(t, f, request(t, made{trace: "a", id: "2", parent: "7", remote: true, start: 120})),
		"a second message of that trace keeps its sender")
	require.Equal(t, []string{"b/3<8 ->a/I"}, adopted(t, f, request(t, made{trace: "b", id: "3", parent: "8", remote: true, start: 120})),
		"a trace of somebody else is not moved")
	require.Equal(t, []string{"a/4<I"}, adopted(t, f, request(t, made{trace: "a", id: "4", parent: "8", remote: true, start: 130})))
}

func TestAnSDKThatDoesNotTellWhatIsRemoteIsUnderstood(t *testing.T) {
	f, i := family()
	i.Decide(trace.TraceID(idOf("a", 16)), trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID(idOf("a", 16)), SpanID: trace.SpanID(idOf("8", 8)), Remote: true,
	}))
	require.Equal(t, []string{"a/1<I", "a/2<1"}, adopted(t, f,
		request(t, made{trace: "a", id: "1", parent: "8", start: 110}, made{trace: "a", id: "2", parent: "1", start: 111})))
}

func TestWhatContinuesXRayIsARoot(t *testing.T) {
	f, i := family()
	i.XRay = ParseXRay("Root=1-00000000-00000000000000000000000a;Parent=0000000000000007;Sampled=1;Lineage=1:2:3")
	require.Equal(t, []string{"a/1<I"}, adopted(t, f, request(t, made{trace: "a", id: "1", parent: "7", remote: true, start: 110})))
	require.False(t, i.Parent().IsValid())

	f, i = family()
	i.XRay = ParseXRay("Parent=0000000000000007;Root=1-00000000-00000000000000000000000a")
	i.Decide(executionTrace, trace.SpanContext{})
	require.Equal(t, []string{"E/1<I ->a/1"}, adopted(t, f, request(t, made{trace: "a", id: "1", parent: "7", start: 110})))
}

// X-Ray's header is the same for a repeated invocation, and for others of an execution that X-Ray does not sample.
func TestInvocationsThatShareXRaysHeaderAreToldApartByTime(t *testing.T) {
	f, i := family()
	i.XRay = ParseXRay("Root=1-00000000-00000000000000000000000a;Parent=0000000000000007;Sampled=0")
	f.Add(&Invocation{Span: trace.SpanID{7}, Start: at(300), End: at(400), XRay: i.XRay})
	body := request(t, made{trace: "a", id: "1", parent: "7", start: 110}, made{trace: "a", id: "2", parent: "7", start: 310},
		made{trace: "a", id: "3", parent: "7", start: 450})
	require.Equal(t, []string{"a/1<I", "a/2<700000000000000", "a/3<700000000000000"}, adopted(t, f, body))
}

func TestSpansOutsideOfInvocationsStayAsTheyAre(t *testing.T) {
	f, i := family()
	body := request(t, made{trace: "a", id: "1", start: 50}, made{trace: "b", id: "2", start: 250}, made{trace: "c", id: "3", parent: "1", start: 50})
	require.Equal(t, [][]byte{body}, f.Adopt([][]byte{body}))
	require.False(t, i.Decided())
}

func TestOfTwoInvocationsAtATimeNeitherIsGuessed(t *testing.T) {
	f, _ := family()
	f.Add(&Invocation{Span: trace.SpanID{7}, Start: at(150)})
	require.Equal(t, []string{"a/1", "b/2<I"}, adopted(t, f,
		request(t, made{trace: "a", id: "1", start: 160}, made{trace: "b", id: "2", start: 140})))
}

func TestClocksMayBeALittleOff(t *testing.T) {
	f, _ := family()
	require.Equal(t, []string{"a/1<I", "a/2<I", "a/3"}, adopted(t, f,
		request(t, made{trace: "a", id: "1", start: 95}, made{trace: "a", id: "2", start: 205}, made{trace: "a", id: "3", start: 215})))
}

func TestAClockIsRatherBehindThanAhead(t *testing.T) {
	f, _ := family()
	f.Add(&Invocation{Span: trace.SpanID{7}, Start: at(204), End: at(300)})
	require.Equal(t, []string{"a/1<I", "b/2<700000000000000", "b/3<700000000000000 ->c/3"}, adopted(t, f,
		request(t, made{trace: "a", id: "1", start: 201}, made{trace: "b", id: "2", start: 202}, made{trace: "c", id: "3", start: 203})))
}

func TestChildrenAloneDecideTheTrace(t *testing.T) {
	f, i := family()
	require.Equal(t, []string{"a/2<1"}, adopted(t, f, request(t, made{trace: "a", id: "2", parent: "1", start: 120})))
	require.Equal(t, "a", short(i.trace[:]))
	require.Equal(t, []string{"a/1<I"}, adopted(t, f, request(t, made{trace: "a", id: "1", start: 110})), "its root comes later")
}

func TestWhatIsNotASpanIsKeptToTheByte(t *testing.T) {
	f, _ := family()
	body := request(t, made{trace: "a", id: "1", start: 110, links: []string{"c"}})
	var before, after tracepb.TracesData
	require.NoError(t, proto.Unmarshal(body, &before))
	require.NoError(t, proto.Unmarshal(f.Adopt([][]byte{body})[0], &after))
	s := before.ResourceSpans[0].ScopeSpans[0].Spans[0]
	s.ParentSpanId, s.Flags = invocationSpan[:], 0x301
	require.True(t, proto.Equal(&before, &after), "%v", &after)
}

func TestMemoryIsBounded(t *testing.T) {
	f, _ := family()
	for range 3 * maxRecent {
		f.Add(&Invocation{Span: trace.SpanID{7}, Start: at(300), End: at(300)})
	}
	require.Len(t, f.recent, maxRecent)

	f, i := family()
	i.Decide(executionTrace, trace.SpanContext{})
	for n := range 2 * maxMoved {
		s := span{start: at(110), context: trace.NewSpanContext(trace.SpanContextConfig{
			TraceID: trace.TraceID{1, byte(n), byte(n >> 8)}, SpanID: trace.SpanID{1},
		})}
		f.settle([]span{s})
	}
	require.Len(t, f.moved, maxMoved)
	for range maxRecent {
		f.Add(&Invocation{Span: trace.SpanID{7}, Start: at(300), End: at(300)})
	}
	require.Empty(t, f.moved)
}

// Many short invocations may begin and end beside a long one.
func TestAnInvocationThatGoesOnIsNotForgotten(t *testing.T) {
	f := NewFamily()
	long := &Invocation{Span: trace.SpanID{7}, Start: at(0)}
	f.Add(long)
	for n := range 2 * maxRecent {
		f.Add(&Invocation{Span: trace.SpanID{8}, Start: at(n), End: at(n)})
	}
	short := &Invocation{Span: trace.SpanID{9}, Start: at(1000)}
	f.Add(short)
	adopted(t, f, request(t, made{trace: "a", id: "1", start: 1100}))
	require.False(t, short.Decided(), "it may be the long one's")
	require.Len(t, f.recent, maxRecent)
}

func TestCheckRefusesWhatIsNoExport(t *testing.T) {
	for name, body := range map[string]string{
		"text": "hello", "cut": string(request(t, made{trace: "a", id: "1"})[:40]), "no ids": "\n\x04\x12\x02\x12\x00",
		"number in place of a message": "\x08\x01", "short id": "\n\x07\x12\x05\x12\x03\n\x01a",
	} {
		require.ErrorIs(t, Check([]byte(body)), errMalformed, name)
	}
	require.NoError(t, Check(nil))
}

func FuzzAdopt(f *testing.F) {
	f.Add([]byte("\n\x04\x12\x02\x12\x00"))
	f.Fuzz(func(t *testing.T, body []byte) {
		if Check(body) != nil {
			return
		}
		fam, i := family()
		i.Start, i.End = time.Time{}, time.Time{}
		require.NoError(t, Check(fam.Adopt([][]byte{body})[0]))
	})
}
