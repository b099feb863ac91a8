package cloudwatchlogs_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/smithy-go"
	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/steptrace/steptrace/sandbox/cloudwatchlogs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const groupARN = "arn:aws:logs:eu-west-1:123456789012:log-group:app"

// world is a service behind HTTP with its client, on a clock that stands still, with the log group "app" in it.
type world struct {
	*sdk.Client
	t       *testing.T
	clock   *quartz.Mock
	service *cloudwatchlogs.Service
	now     int64 // milliseconds
	invoked chan []byte
}

func start(t *testing.T, config cloudwatchlogs.Config) *world {
	t.Helper()
	w := &world{t: t, clock: quartz.NewMock(t).WithLogger(quartz.NoOpLogger), invoked: make(chan []byte, 10)}
	w.clock.Set(time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC))
	w.now = w.clock.Now().UnixMilli()
	config.Region, config.AccountID = "eu-west-1", "123456789012"
	config.Clock, config.Logger = w.clock, slog.New(slog.DiscardHandler)
	if config.InvokeLambda == nil {
		config.InvokeLambda = func(_ context.Context, _ string, payload []byte) error {
			w.invoked <- payload
			return nil
		}
	}
	transport := &http.Transport{}
	config.HTTPClient = &http.Client{Transport: transport}
	w.service = cloudwatchlogs.New(config)
	server := httptest.NewServer(w.service)
	t.Cleanup(func() { w.service.Close(); transport.CloseIdleConnections(); server.Close() })
	w.Client = sdk.New(sdk.Options{
		Region: "eu-west-1", BaseEndpoint: &server.URL, Retryer: quickRetries(), HTTPClient: config.HTTPClient,
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	})
	_, err := w.CreateLogGroup(t.Context(), &sdk.CreateLogGroupInput{LogGroupName: aws.String("app")})
	require.NoError(t, err)
	return w
}

// quickRetries is the SDK's retrying without its pauses: smithy-go 1.28 can end the connection in the middle of a large
// response (safeWriteToReadCloser.WriteTo answers io.EOF).
func quickRetries() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts, o.MaxBackoff = 10, time.Millisecond
		o.RateLimiter = ratelimit.None
	})
}

func (w *world) stream(name string) {
	w.t.Helper()
	_, err := w.CreateLogStream(w.t.Context(), &sdk.CreateLogStreamInput{
		LogGroupName: aws.String("app"), LogStreamName: &name,
	})
	require.NoError(w.t, err)
}

// put writes messages, each a millisecond after the one before, beginning so long after the test's time.
func (w *world) put(stream string, after int64, messages ...string) *sdk.PutLogEventsOutput {
	w.t.Helper()
	in := &sdk.PutLogEventsInput{LogGroupName: aws.String("app"), LogStreamName: &stream}
	for n, message := range messages {
		in.LogEvents = append(in.LogEvents, types.InputLogEvent{
			Message: &message, Timestamp: aws.Int64(w.now + after + int64(n)),
		})
	}
	out, err := w.PutLogEvents(w.t.Context(), in)
	require.NoError(w.t, err)
	return out
}

func (w *world) filter(in sdk.FilterLogEventsInput) *sdk.FilterLogEventsOutput {
	w.t.Helper()
	in.LogGroupName = aws.String("app")
	out, err := w.FilterLogEvents(w.t.Context(), &in)
	require.NoError(w.t, err)
	return out
}

func messages(events []types.FilteredLogEvent) []string {
	out := make([]string, len(events))
	for n, e := range events {
		out[n] = *e.Message
	}
	return out
}

func code(t *testing.T, err error) string {
	t.Helper()
	var e smithy.APIError
	require.ErrorAs(t, err, &e)
	return e.ErrorCode()
}

func TestFilterLogEvents(t *testing.T) {
	w := start(t, cloudwatchlogs.Config{})
	w.stream("a")
	w.stream("b")
	w.put("a", 10, "ten", "eleven", "twelve")
	w.clock.Advance(time.Second)
	w.put("b", 11, "eleven b")
	out := w.filter(sdk.FilterLogEventsInput{})
	require.Equal(t, []string{"ten", "eleven", "eleven b", "twelve"}, messages(out.Events), "by time, then as they came")
	require.Equal(t, "b", *out.Events[2].LogStreamName)
	require.Equal(t, w.now+1000, *out.Events[2].IngestionTime)
	require.Len(t, *out.Events[2].EventId, 56)
	require.Nil(t, out.NextToken)

	between := sdk.FilterLogEventsInput{StartTime: aws.Int64(w.now + 11), EndTime: aws.Int64(w.now + 11)}
	require.Equal(t, []string{"eleven", "eleven b"}, messages(w.filter(between).Events), "both ends are within")
	between.LogStreamNamePrefix = aws.String("b")
	require.Equal(t, []string{"eleven b"}, messages(w.filter(between).Events))
	require.Equal(t, []string{"ten", "eleven", "twelve"},
		messages(w.filter(sdk.FilterLogEventsInput{LogStreamNames: []string{"a"}}).Events))
	identified, err := w.FilterLogEvents(t.Context(), &sdk.FilterLogEventsInput{
		LogGroupIdentifier: aws.String(groupARN), FilterPattern: aws.String("ten"),
	})
	require.NoError(t, err)
	require.Equal(t, []string{"ten"}, messages(identified.Events))
}

func TestFilterLogEventsPages(t *testing.T) {
	w := start(t, cloudwatchlogs.Config{ScanLimit: 4})
	w.stream("a")
	var want []string
	for n := range 10 {
		want = append(want, fmt.Sprint("line ", n))
	}
	w.put("a", 0, want...)
	first := w.filter(sdk.FilterLogEventsInput{Limit: aws.Int32(3)})
	require.Equal(t, want[:3], messages(first.Events))
	w.put("a", 100, "meanwhile")
	second := w.filter(sdk.FilterLogEventsInput{Limit: aws.Int32(3), NextToken: first.NextToken})
	require.Equal(t, want[3:6], messages(second.Events))

	rare := sdk.FilterLogEventsInput{FilterPattern: aws.String("meanwhile")}
	pages, found := 0, []string{}
	for {
		out := w.filter(rare)
		pages, found = pages+1, append(found, messages(out.Events)...)
		if rare.NextToken = out.NextToken; rare.NextToken == nil {
			break
		}
	}
	require.Equal(t, 3, pages, "two are empty: each looks at four events")
	require.Equal(t, []string{"meanwhile"}, found)

	_, err := w.FilterLogEvents(t.Context(), &sdk.FilterLogEventsInput{
		LogGroupName: aws.String("app"), NextToken: first.NextToken, FilterPattern: aws.String("other"),
	})
	require.Equal(t, "InvalidParameterException", code(t, err), "a token is good for its own query")
}

func TestGetLogEvents(t *testing.T) {
	w := start(t, cloudwatchlogs.Config{})
	w.stream("a")
	w.put("a", 0, "0", "1", "2", "3", "4")
	get := func(token *string, head bool) *sdk.GetLogEventsOutput {
		out, err := w.GetLogEvents(t.Context(), &sdk.GetLogEventsInput{
			LogGroupName: aws.String("app"), LogStreamName: aws.String("a"), Limit: aws.Int32(2),
			NextToken: token, StartFromHead: &head,
		})
		require.NoError(t, err)
		return out
	}
	text := func(out *sdk.GetLogEventsOutput) (all []string) {
		for _, e := range out.Events {
			all = append(all, *e.Message)
		}
		return all
	}
	out := get(nil, true)
	require.Equal(t, []string{"0", "1"}, text(out))
	out = get(out.NextForwardToken, true)
	require.Equal(t, []string{"2", "3"}, text(out))
	back := get(out.NextBackwardToken, true)
	require.Equal(t, []string{"0", "1"}, text(back))
	out = get(out.NextForwardToken, true)
	require.Equal(t, []string{"4"}, text(out))
	end := get(out.NextForwardToken, true)
	require.Empty(t, end.Events)
	require.Equal(t, *out.NextForwardToken, *end.NextForwardToken, "the same token says that there is no more")
	require.Equal(t, []string{"3", "4"}, text(get(nil, false)), "without the head, the latest")
	out2, err := w.GetLogEvents(t.Context(), &sdk.GetLogEventsInput{
		LogGroupName: aws.String("app"), LogStreamName: aws.String("a"), StartFromHead: aws.Bool(true),
		StartTime: aws.Int64(w.now + 1), EndTime: aws.Int64(w.now + 3),
	})
	require.NoError(t, err)
	require.Equal(t, []string{"1", "2"}, text(out2), "the end is not within")
}

func TestFilterPatterns(t *testing.T) {
	w := start(t, cloudwatchlogs.Config{})
	w.stream("a")
	all := []string{
		`{"type":"ExecutionFailed","details":{"error":"Boom"},"n":7}`,
		`{"type":"TaskFailed","details":{"error":"Boom"}}`,
		`ERROR disk is full`, `WARN disk is busy`,
	}
	w.put("a", 0, all...)
	for pattern, want := range map[string][]string{
		"":                               all,
		"disk":                           all[2:],
		"disk ERROR":                     all[2:3],
		`disk -ERROR`:                    all[3:],
		`?busy ?full`:                    all[2:],
		`"disk is"`:                      all[2:],
		`{ $.type = "TaskFailed" }`:      all[1:2],
		`{$.type="Execution*"}`:          all[:1],
		`{ $.details.error = "Boom" }`:   all[:2],
		`{ $.n = 7 }`:                    all[:1],
		`{ $.details = "Boom" }`:         {},
		`{ $.details.error.x = "Boom" }`: {},
	} {
		require.Equal(t, want, messages(w.filter(sdk.FilterLogEventsInput{FilterPattern: &pattern}).Events), pattern)
	}
	for _, pattern := range []string{
		`{ $.n > 5 }`, `{ $.a = 1 && $.b = 2 }`, `{ $.a[0] = "x" }`, `[a, b]`, `{`, `%regex%`, strings.Repeat("a", 1025),
	} {
		_, err := w.FilterLogEvents(t.Context(), &sdk.FilterLogEventsInput{
			LogGroupName: aws.String("app"), FilterPattern: &pattern,
		})
		require.Equal(t, "InvalidParameterException", code(t, err), pattern)
	}
}

func TestGroupsAndStreams(t *testing.T) {
	w := start(t, cloudwatchlogs.Config{})
	ctx := t.Context()
	_, err := w.CreateLogGroup(ctx, &sdk.CreateLogGroupInput{LogGroupName: aws.String("app")})
	require.Equal(t, "ResourceAlreadyExistsException", code(t, err))
	_, err = w.CreateLogGroup(ctx, &sdk.CreateLogGroupInput{LogGroupName: aws.String("/aws/other")})
	require.NoError(t, err)
	groups, err := w.DescribeLogGroups(ctx, &sdk.DescribeLogGroupsInput{Limit: aws.Int32(1)})
	require.NoError(t, err)
	require.Equal(t, "/aws/other", *groups.LogGroups[0].LogGroupName)
	groups, err = w.DescribeLogGroups(ctx, &sdk.DescribeLogGroupsInput{Limit: aws.Int32(1), NextToken: groups.NextToken})
	require.NoError(t, err)
	require.Equal(t, groupARN+":*", *groups.LogGroups[0].Arn)
	require.Nil(t, groups.NextToken)

	w.stream("a")
	w.stream("b")
	w.put("b", 5, "x")
	w.put("a", 9, "y")
	streams, err := w.DescribeLogStreams(ctx, &sdk.DescribeLogStreamsInput{
		LogGroupName: aws.String("app"), OrderBy: types.OrderByLastEventTime, Descending: aws.Bool(true),
	})
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b"}, []string{*streams.LogStreams[0].LogStreamName, *streams.LogStreams[1].LogStreamName})
	require.Equal(t, w.now+9, *streams.LogStreams[0].LastEventTimestamp)

	_, err = w.DeleteLogGroup(ctx, &sdk.DeleteLogGroupInput{LogGroupName: aws.String("app")})
	require.NoError(t, err)
	_, err = w.FilterLogEvents(ctx, &sdk.FilterLogEventsInput{LogGroupName: aws.String("app")})
	require.Equal(t, "ResourceNotFoundException", code(t, err))
	_, err = w.PutRetentionPolicy(ctx, &sdk.PutRetentionPolicyInput{LogGroupName: aws.String("app"), RetentionInDays: aws.Int32(1)})
	require.Equal(t, "UnknownOperationException", code(t, err))
}

func TestPutLogEventsRefuses(t *testing.T) {
	w := start(t, cloudwatchlogs.Config{})
	w.stream("a")
	out := w.put("a", -15*24*time.Hour.Milliseconds(), "old")
	require.Equal(t, int32(1), *out.RejectedLogEventsInfo.TooOldLogEventEndIndex)
	out = w.put("a", 3*time.Hour.Milliseconds(), "new")
	require.Equal(t, int32(0), *out.RejectedLogEventsInfo.TooNewLogEventStartIndex)
	require.Empty(t, w.filter(sdk.FilterLogEventsInput{}).Events)
	_, err := w.PutLogEvents(t.Context(), &sdk.PutLogEventsInput{
		LogGroupName: aws.String("app"), LogStreamName: aws.String("a"), LogEvents: []types.InputLogEvent{
			{Message: aws.String("later"), Timestamp: aws.Int64(w.now + 1)},
			{Message: aws.String("sooner"), Timestamp: aws.Int64(w.now)},
		},
	})
	require.Equal(t, "InvalidParameterException", code(t, err))
	_, err = w.PutLogEvents(t.Context(), &sdk.PutLogEventsInput{
		LogGroupName: aws.String("app"), LogStreamName: aws.String("none"),
		LogEvents: []types.InputLogEvent{{Message: aws.String("m"), Timestamp: aws.Int64(w.now)}},
	})
	require.Equal(t, "ResourceNotFoundException", code(t, err))
}
