package lambda

import (
	"strings"
	"testing"
	"time"

	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox/lambda/environment"
)

var parsing = &Service{cfg: Config{Region: "eu-west-1", AccountID: "123456789012"}}

func TestParseReference(t *testing.T) {
	cases := []struct {
		function, qualifier string
		want                reference
		err                 string
	}{
		{"f", "", reference{name: "f"}, ""},
		{"f", "3", reference{name: "f", qualifier: "3"}, ""},
		{"f:$LATEST", "", reference{name: "f", qualifier: "$LATEST"}, ""},
		{"f:3", "3", reference{name: "f", qualifier: "3"}, ""},
		{"f:3", "4", reference{}, "does not match"},
		{"123456789012:function:f:3", "", reference{name: "f", qualifier: "3"}, ""},
		{"123456789012:f", "", reference{name: "f"}, ""},
		{"arn:aws:lambda:eu-west-1:123456789012:function:f", "", reference{name: "f"}, ""},
		{"arn:aws:lambda:eu-west-1:123456789012:function:f:3", "", reference{name: "f", qualifier: "3"}, ""},
		{"arn:aws:lambda:eu-west-1:000000000000:function:f", "", reference{name: "f", foreign: true}, ""},
		{"arn:aws:s3:::f", "", reference{}, "'qualifier'"},
		{"", "", reference{}, "'functionName'"},
		{"../f", "", reference{}, "'functionName'"},
		{strings.Repeat("f", 65), "", reference{}, "'functionName'"},
		{"f:a b", "", reference{}, "'qualifier'"},
	}
	for _, c := range cases {
		got, err := parsing.parseReference(c.function, c.qualifier)
		if c.err != "" {
			require.ErrorContains(t, err, c.err, c.function)
			continue
		}
		require.NoError(t, err, c.function)
		require.Equal(t, c.want, got, c.function)
	}
}

func FuzzParseReference(f *testing.F) {
	f.Add("arn:aws:lambda:eu-west-1:123456789012:function:f:3", "")
	f.Add("123456789012:function:f", "$LATEST")
	f.Fuzz(func(t *testing.T, function, qualifier string) {
		ref, err := parsing.parseReference(function, qualifier)
		if err != nil || ref.foreign {
			return
		}
		again, err := parsing.parseReference(parsing.arn(ref.name, ref.qualifier), "")
		require.NoError(t, err)
		require.Equal(t, ref, again)
	})
}

func TestTraceHeader(t *testing.T) {
	now := time.Unix(0x65000000, 0)
	const root = "Root=1-00000000-000000000000000000000000"
	cases := []struct{ given, want string }{
		{"", `^Root=1-65000000-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$`},
		{"Parent=1;Sampled=1", `^Root=1-65000000-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$`},
		{root, `^` + root + `;Parent=[0-9a-f]{16};Sampled=0$`},
		{root + ";Sampled=1", `^` + root + `;Sampled=1;Parent=[0-9a-f]{16}$`},
		{root + "; Parent=abc;Sampled=1;Lineage=1", `^` + root + `; Parent=abc;Sampled=1;Lineage=1$`},
	}
	for _, c := range cases {
		require.Regexp(t, c.want, traceHeader(c.given, now))
	}
}

func FuzzTraceHeader(f *testing.F) {
	f.Add("Root=1-65000000-000000000000000000000001;Parent=0000000000000001;Sampled=1")
	f.Add(";; Sampled=;=")
	f.Fuzz(func(t *testing.T, given string) {
		header := traceHeader(given, time.Unix(0, 0))
		require.Contains(t, header, "Root=")
		require.Contains(t, header, "Parent=")
		require.Contains(t, header, "Sampled=")
		require.Equal(t, header, traceHeader(header, time.Unix(0, 0))) // complete
	})
}

func FuzzLogStream(f *testing.F) {
	f.Add("one\ntwo\n", 3)
	f.Add("\n\nunfinished", 1)
	f.Fuzz(func(t *testing.T, text string, cut int) {
		cut = max(0, min(cut, len(text)))
		group := &logGroup{clock: quartz.NewMock(t), limit: 1 << 30}
		stream := &logStream{name: "s", group: group}
		_, _ = stream.Write([]byte(text[:cut]))
		_, _ = stream.Write([]byte(text[cut:] + "\n"))
		var lines strings.Builder
		for _, event := range group.all() {
			lines.WriteString(event.Message + "\n")
		}
		require.Equal(t, text+"\n", lines.String())
	})
}

func TestReportLine(t *testing.T) {
	warm := report{requestID: "1", duration: 1500 * time.Microsecond, memoryMB: 128, maxMB: 20}
	require.Equal(t, "REPORT RequestId: 1\tDuration: 1.50 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\tMax Memory Used: 20 MB\t",
		warm.String())
	cold := warm
	cold.init, cold.maxMB = 10*time.Millisecond, 0
	require.Equal(t, "REPORT RequestId: 1\tDuration: 1.50 ms\tBilled Duration: 12 ms\tMemory Size: 128 MB\tInit Duration: 10.00 ms\t",
		cold.String())
	failed := warm
	failed.failure = &environment.Failure{Type: "Runtime.ExitError"}
	require.True(t, strings.HasSuffix(failed.String(), "\tMax Memory Used: 20 MB\tStatus: error\tError Type: Runtime.ExitError"))
}

func TestLogStreamCutsLines(t *testing.T) {
	group := &logGroup{clock: quartz.NewMock(t), limit: 1 << 20}
	stream := &logStream{name: "s", group: group}
	for _, part := range []string{"one\ntw", "o\n", "\n", "unfinished"} {
		_, _ = stream.Write([]byte(part))
	}
	stream.platform("END")
	lines := make([]string, 0, 5)
	for _, event := range group.all() {
		lines = append(lines, event.Message)
	}
	require.Equal(t, []string{"one", "two", "", "unfinished", "END"}, lines)
	require.Equal(t, "one\ntwo\n\nunfinished\nEND\n", stream.takeTail())
	require.Empty(t, stream.takeTail())
}

func TestLogIsBounded(t *testing.T) {
	group := &logGroup{clock: quartz.NewMock(t), limit: 1000}
	stream := &logStream{name: "s", group: group}
	for range 100_000 {
		_, _ = stream.Write([]byte("0123456789\n"))
	}
	_, _ = stream.Write([]byte(strings.Repeat("x", maxLine)))
	events := group.all()
	require.LessOrEqual(t, group.bytes, 1250+maxLine)
	require.Len(t, events[len(events)-1].Message, maxLine)
	require.Len(t, stream.takeTail(), maxTail)
}
