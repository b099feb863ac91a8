package poll_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/steptrace/steptrace/agent/awsapi"
	"github.com/steptrace/steptrace/agent/cloudwatchlogs"
	"github.com/steptrace/steptrace/agent/cloudwatchlogs/cloudwatchlogstest"
	"github.com/steptrace/steptrace/agent/redact"
	"github.com/steptrace/steptrace/agent/vendedlogs"
	"github.com/steptrace/steptrace/agent/vendedlogs/intake"
	"github.com/steptrace/steptrace/agent/vendedlogs/poll"
	"github.com/steptrace/steptrace/agent/vendedlogs/vendedlogstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	group = "/aws/vendedlogs/states/resize"
	arn   = "arn:aws:states:eu-west-1:123456789012:express:resize:run:"
)

var epoch = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// world is a scripted API with what a poller needs to read it.
type world struct {
	t     testing.TB
	api   *cloudwatchlogstest.Server
	clock *quartz.Mock
	cfg   poll.Config
	log   strings.Builder
	sink  *vendedlogstest.Sink
	in    *intake.Intake
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, api: cloudwatchlogstest.New(t), clock: quartz.NewMock(t).WithLogger(quartz.NoOpLogger), sink: vendedlogstest.NewSink()}
	w.clock.Set(epoch).MustWait(t.Context())
	w.cfg = poll.Config{
		Groups: []string{"/aws/vendedlogs/states/*"}, Interval: 5 * time.Second, DiscoveryInterval: time.Minute,
		Overlap: 30 * time.Second, InitialHistory: 10 * time.Minute, MaxReplay: 15 * time.Minute,
		Checkpoint: filepath.Join(t.TempDir(), "state", "vendedlogs.json"),
	}
	w.api.AddGroup(group)
	return w
}

// poller makes a poller as a new process would. The sink outlives it.
func (w *world) poller() *poll.Poller {
	w.t.Helper()
	p, err := w.tryPoller()
	require.NoError(w.t, err)
	return p
}

func (w *world) tryPoller() (*poll.Poller, error) {
	logger := slog.New(slog.NewTextHandler(&w.log, nil))
	w.in = intake.New(vendedlogs.Limits{
		ReorderWindow: 30 * time.Second, ExpressSilence: 6 * time.Minute, StandardSilence: 24 * time.Hour,
		MaxExecutions: 1000, MaxBytes: 64 << 20, MaxRemembered: 1000,
	}, redact.Policy{}, intake.Parts{Traces: w.sink.Traces(), Logs: w.sink.Logs(), Clock: w.clock, Logger: logger})
	client, err := cloudwatchlogs.New(aws.Config{
		Region: "eu-west-1", HTTPClient: cloudwatchlogstest.HTTPClient(w.t),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	}, w.api.URL, awsapi.Options{Share: 10_000}) // its quota is not what is tested here
	require.NoError(w.t, err)
	return poll.New(w.cfg, poll.Parts{Client: client, Intake: w.in, Clock: w.clock, Logger: logger})
}

func (w *world) put(in string, lines ...vendedlogstest.Line) {
	for _, l := range lines {
		w.api.Put(in, "states/resize/1", l.At, l.Text)
	}
}

func (w *world) advance(d time.Duration) {
	w.clock.Advance(d).MustWait(w.t.(*testing.T).Context())
}

func (w *world) now() time.Time { return w.clock.Now() }

func spans(s *vendedlogstest.Sink) []string { return slices.Sorted(maps.Values(s.Spans())) }

var simpleSpans = []string{"execution resize 20", "state Pass 0"}

func TestLinesAreReadOnce(t *testing.T) {
	w := newWorld(t)
	w.api.LimitPages(3)
	p := w.poller()
	w.put(group, vendedlogstest.Lines(t, arn+"a", vendedlogstest.Simple, epoch.Add(-time.Minute))...)
	require.NoError(t, p.Poll(t.Context()))
	require.Equal(t, simpleSpans, spans(w.sink))
	require.Equal(t, map[string]int{arn + "a 1": 1, arn + "a 2": 1, arn + "a 3": 1, arn + "a 4": 1}, w.sink.Records())
	require.Equal(t, 2, w.api.Calls("FilterLogEvents"))
	w.advance(5 * time.Second)
	require.NoError(t, p.Poll(t.Context()))
	require.Equal(t, int64(4), w.in.Stats().Lines, "what the overlap reads again is known by its ids")
}

func TestLinesThatAppearLateAreFound(t *testing.T) {
	w := newWorld(t)
	p := w.poller()
	lines := vendedlogstest.Lines(t, arn+"a", vendedlogstest.Simple, epoch.Add(-20*time.Second))
	w.put(group, lines[0], lines[3])
	require.NoError(t, p.Poll(t.Context()))
	require.Len(t, w.sink.Records(), 1)
	w.put(group, lines[2], lines[1])
	w.advance(5 * time.Second)
	require.NoError(t, p.Poll(t.Context()))
	require.Equal(t, simpleSpans, spans(w.sink))
}

func TestNewGroupsArePickedUpAndOthersLeftAlone(t *testing.T) {
	w := newWorld(t)
	p := w.poller()
	require.NoError(t, p.Poll(t.Context()))
	w.put("/aws/vendedlogs/states/other", vendedlogstest.Lines(t, arn+"b", vendedlogstest.Simple, epoch)...)
	w.put("/aws/lambda/x", vendedlogstest.Lines(t, arn+"c", vendedlogstest.Simple, epoch)...)
	w.advance(59 * time.Second)
	require.NoError(t, p.Poll(t.Context()))
	require.Empty(t, w.sink.Records())
	w.advance(time.Second)
	require.NoError(t, p.Poll(t.Context()))
	require.Len(t, w.sink.Records(), 4)
	require.Equal(t, 2, w.api.Calls("DescribeLogGroups"))
}

func TestExecutionsOfADeletedGroupAreGivenUp(t *testing.T) {
	w := newWorld(t)
	p := w.poller()
	w.put(group, vendedlogstest.Lines(t, arn+"a", vendedlogstest.Simple, epoch)[:2]...)
	require.NoError(t, p.Poll(t.Context()))
	w.api.DeleteGroup(group)
	for range 7 {
		w.advance(time.Minute)
		require.NoError(t, p.Poll(t.Context()))
	}
	require.Equal(t, []string{"execution resize 10 open", "state Pass 0 open"}, spans(w.sink))
	require.Contains(t, w.log.String(), "no log group fits [/aws/vendedlogs/states/*]")
}

func TestBadLinesAreSaidAndPassedOver(t *testing.T) {
	w := newWorld(t)
	p := w.poller()
	w.put(group, vendedlogstest.Line{At: epoch, Text: "START RequestId: 1"}, vendedlogstest.Line{At: epoch, Text: `{"id":"x"}`})
	w.put(group, vendedlogstest.Lines(t, arn+"a", vendedlogstest.Simple, epoch)...)
	require.NoError(t, p.Poll(t.Context()))
	require.Equal(t, simpleSpans, spans(w.sink))
	require.Equal(t, int64(2), w.in.Stats().Bad)
	require.Equal(t, 1, strings.Count(w.log.String(), "level=WARN"))
	require.Contains(t, w.log.String(), `stream \"states/resize/1\", number 1: `)
}

func TestOneGroupDoesNotHoldUpTheOthers(t *testing.T) {
	w := newWorld(t)
	w.cfg.Groups = []string{"absent", group}
	p := w.poller()
	w.put(group, vendedlogstest.Lines(t, arn+"a", vendedlogstest.Simple, epoch)...)
	require.NoError(t, p.Poll(t.Context()))
	require.Equal(t, simpleSpans, spans(w.sink))
	require.Contains(t, w.log.String(), "read log group absent")
	w.api.Calls("FilterLogEvents")
	for range 12 {
		w.advance(5 * time.Second)
		require.NoError(t, p.Poll(t.Context()))
	}
	require.Equal(t, 12+2, w.api.Calls("FilterLogEvents"), "absent rests for 10, 20 and 40 s")
	require.Equal(t, 2, strings.Count(w.log.String(), "level=ERROR"), "the 1st, the 2nd, the 4th …")
}

func TestAnExpiredTokenBeginsTheReadAnew(t *testing.T) {
	w := newWorld(t)
	w.api.LimitPages(1)
	p := w.poller()
	for i := range 4 {
		w.put(group, vendedlogstest.Lines(t, fmt.Sprint(arn, i), vendedlogstest.Simple, epoch)...)
	}
	require.NoError(t, p.Poll(t.Context()))
	require.Len(t, w.sink.Records(), 10, "a group has ten pages, then the others have their turn")
	w.api.Forget()
	w.advance(5 * time.Second)
	require.NoError(t, p.Poll(t.Context()))
	for range 4 {
		w.advance(20 * time.Second)
		require.NoError(t, p.Poll(t.Context()))
	}
	require.Len(t, w.sink.Records(), 16)
	for name, n := range w.sink.Records() {
		require.Equal(t, 1, n, name)
	}
}

func TestNothingIsReadWhileTheConsumerRefuses(t *testing.T) {
	w := newWorld(t)
	p := w.poller()
	w.sink.Refuse(true)
	w.put(group, vendedlogstest.Lines(t, arn+"a", vendedlogstest.Simple, epoch)...)
	require.NoError(t, p.Poll(t.Context()))
	before, err := os.ReadFile(w.cfg.Checkpoint)
	require.NoError(t, err)
	w.api.Calls("FilterLogEvents")
	w.advance(5 * time.Second)
	require.ErrorIs(t, p.Poll(t.Context()), intake.ErrRefused)
	require.Zero(t, w.api.Calls("FilterLogEvents"))
	after, err := os.ReadFile(w.cfg.Checkpoint)
	require.NoError(t, err)
	require.Equal(t, string(before), string(after), "what is not accepted is not remembered")
	w.sink.Refuse(false)
	require.NoError(t, p.Poll(t.Context()))
	require.Equal(t, simpleSpans, spans(w.sink))
}

func TestCheckpointThatCannotBeUsedIsRefused(t *testing.T) {
	w := newWorld(t)
	require.NoError(t, os.MkdirAll(filepath.Dir(w.cfg.Checkpoint), 0o700))
	for body, want := range map[string]string{
		"{":             "unexpected end of JSON",
		`{"version":2}`: "it has version 2, this program reads version 1",
		`{"version":1}`: "a member is null or missing",
		`{"version":1,"log_groups":{},"executions":{"x":{"last":1}}}`:                                               `execution "x" is not a trace id`,
		`{"version":1,"log_groups":{},"executions":{"0123456789abcdef0123456789abcdef":{"last":3,"gaps":[[2,3]]}}}`: "do not lie within",
	} {
		require.NoError(t, os.WriteFile(w.cfg.Checkpoint, []byte(body), 0o600))
		_, err := w.tryPoller()
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, w.cfg.Checkpoint)
	}
	require.NoError(t, os.Remove(w.cfg.Checkpoint))
	require.NoError(t, os.Mkdir(w.cfg.Checkpoint+".next", 0o700))
	_, err := w.tryPoller()
	require.ErrorContains(t, err, "write checkpoint")
}

func checkpoint(t *testing.T, w *world) string {
	t.Helper()
	body, err := os.ReadFile(w.cfg.Checkpoint)
	require.NoError(t, err)
	return string(body)
}

func TestRunCatchesUpWithoutPauses(t *testing.T) {
	w := newWorld(t)
	w.api.LimitPages(1)
	for i := range 10 {
		w.put(group, vendedlogstest.Lines(t, fmt.Sprint(arn, i), vendedlogstest.Simple, epoch)...)
	}
	p := w.poller()
	trap := w.clock.Trap().NewTimer("vendedlogs", "poll")
	defer trap.Close()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.Run(ctx)
	}()
	wait := trap.MustWait(t.Context())
	require.Len(t, w.sink.Records(), 40, "it has read forty pages before the first pause")
	require.Equal(t, 5*time.Second, wait.Duration)
	cancel()
	wait.MustRelease(t.Context())
	<-done
}

// Whoever may write to the group may write a time that is to come.
func TestALineFromTheFutureHidesNoneBeforeIt(t *testing.T) {
	w := newWorld(t)
	p := w.poller()
	w.api.Put(group, "another", w.now().Add(time.Hour), "not of Step Functions")
	require.NoError(t, p.Poll(t.Context()))
	w.advance(w.cfg.Interval)
	w.put(group, vendedlogstest.Lines(t, arn+"a", vendedlogstest.Simple, w.now().Add(-time.Second))...)
	require.NoError(t, p.Poll(t.Context()))
	require.Equal(t, simpleSpans, spans(w.sink))
}
