package stepfunctions

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/sandbox/cloudwatchlogs"
)

// logGroup is a log group, and its client.
type logGroup struct {
	*logs.Client
	service *cloudwatchlogs.Service
	arn     string
}

func newLogGroup(t *testing.T, region, account string, clock quartz.Clock) logGroup {
	t.Helper()
	service := cloudwatchlogs.New(cloudwatchlogs.Config{
		Region: region, AccountID: account, Clock: clock, Logger: slog.New(slog.DiscardHandler),
	})
	server := httptest.NewServer(service)
	t.Cleanup(func() { service.Close(); server.Close() })
	g := logGroup{service: service, arn: "arn:aws:logs:" + region + ":" + account + ":log-group:lines:*"}
	g.Client = logs.New(logs.Options{
		BaseEndpoint: aws.String(server.URL), Region: region, HTTPClient: server.Client(), Retryer: quickRetries(),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	_, err := g.CreateLogGroup(t.Context(), &logs.CreateLogGroupInput{LogGroupName: aws.String("lines")})
	require.NoError(t, err)
	return g
}

// lines are those of executions, in the order in which they came.
func (g logGroup) lines(t *testing.T) (lines []string) {
	t.Helper()
	out, err := g.FilterLogEvents(t.Context(), &logs.FilterLogEventsInput{
		LogGroupName: aws.String("lines"), LogStreamNamePrefix: aws.String("states/"),
	})
	require.NoError(t, err)
	require.Nil(t, out.NextToken)
	for _, e := range out.Events {
		lines = append(lines, *e.Message)
	}
	return lines
}

func (g logGroup) configuration(level types.LogLevel, data bool) *types.LoggingConfiguration {
	return &types.LoggingConfiguration{
		Level: level, IncludeExecutionData: data,
		Destinations: []types.LogDestination{{
			CloudWatchLogsLogGroup: &types.CloudWatchLogsLogGroup{LogGroupArn: &g.arn},
		}},
	}
}

// logged creates a state machine that is logged, and starts it.
func (b *bench) logged(in sfn.CreateStateMachineInput) string {
	b.t.Helper()
	if in.RoleArn == nil {
		in.RoleArn = aws.String(testRole)
	}
	out, err := b.CreateStateMachine(b.ctx, &in)
	require.NoError(b.t, err)
	return *out.StateMachineArn
}

var eventTimestamp = regexp.MustCompile(`"event_timestamp":"\d+"`)

// TestLogLinesAsRecorded runs what was recorded from AWS with its log lines, and compares these byte for byte, but for
// the times.
func TestLogLinesAsRecorded(t *testing.T) {
	root := os.Getenv("STEPTRACE_RECORDINGS")
	if root == "" {
		t.Skip("STEPTRACE_RECORDINGS is not set")
	}
	files, err := filepath.Glob(filepath.Join(root, "histories", "*.vendedlog.jsonl"))
	require.NoError(t, err)
	require.Len(t, files, 14)
	for _, file := range files {
		base := strings.TrimSuffix(file, ".vendedlog.jsonl")
		t.Run(filepath.Base(base), func(t *testing.T) {
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			r := readRecording(t, base+".definition.json")
			parts := strings.Split(r.name, "_")
			level, data := types.LogLevel(parts[len(parts)-2]), parts[len(parts)-1] == "True"
			got := strings.Join(r.logLines(t, level, data), "\n")
			time := []byte(`"event_timestamp":"T"`)
			require.Equal(t, string(eventTimestamp.ReplaceAll([]byte(strings.TrimSpace(string(want))), time)),
				string(eventTimestamp.ReplaceAll([]byte(got), time)))
		})
	}
}

// logLines runs what was recorded and returns its lines.
func (r recording) logLines(t *testing.T, level types.LogLevel, data bool) []string {
	clock := quartz.NewMock(t).WithLogger(quartz.NoOpLogger)
	clock.Set(time.UnixMilli(int64(r.events[0]["timestamp"].(float64) * 1000)))
	group := newLogGroup(t, "us-east-1", "111111111111", clock)
	b := newBench(t, Config{Region: "us-east-1", AccountID: "111111111111", Clock: clock, Logs: group.service})
	started := details(r.events[0])
	machine := b.logged(sfn.CreateStateMachineInput{
		Name: &r.machine, Definition: &r.definition, RoleArn: aws.String(started["roleArn"].(string)),
		LoggingConfiguration: group.configuration(level, data),
	})
	b.await(b.start(machine, r.execution, started["input"].(string)))
	return group.lines(t)
}

// TestLogLinesAreDecoded reads a longer execution's lines as the agent does.
func TestLogLinesAreDecoded(t *testing.T) {
	clock := newMock(t)
	group := newLogGroup(t, "eu-west-1", "123456789012", clock)
	b := newBench(t, Config{Clock: clock, Logs: group.service, InvokeLambda: func(
		context.Context, string, []byte, string, bool,
	) (LambdaResult, error) {
		return LambdaResult{Payload: []byte(`{"text":"<b>&"}`)}, nil
	}})
	machine := b.logged(sfn.CreateStateMachineInput{
		Name: aws.String("m"), LoggingConfiguration: group.configuration(types.LogLevelAll, true),
		Definition: aws.String(`{"StartAt":"M","States":{"M":{"Type":"Map","End":true,"ItemProcessor":{"StartAt":"L","States":{
			"L":{"Type":"Task","Resource":"arn:aws:lambda:eu-west-1:123456789012:function:f","TimeoutSeconds":9,"End":true}}}}}}`),
	})
	arn := b.start(machine, "x", "[1,2]")
	b.await(arn)
	lines := group.lines(t)
	decoded, err := history.DecodeLogs("lines", []byte(strings.Join(lines, "\n")))
	require.NoError(t, err)
	events := b.history(arn)
	require.Len(t, decoded, len(events))
	for n, e := range decoded {
		require.Equal(t, arn, e.ExecutionARN)
		require.Equal(t, events[n].Id, e.ID)
		require.Equal(t, string(events[n].Type), e.Type)
		require.Equal(t, events[n].PreviousEventId, e.PreviousID)
		require.True(t, events[n].Timestamp.Equal(e.Time))
	}
	require.Contains(t, strings.Join(lines, "\n"), `<b>&`, "as it is")
	streams, err := group.DescribeLogStreams(t.Context(), &logs.DescribeLogStreamsInput{LogGroupName: aws.String("lines")})
	require.NoError(t, err)
	require.Len(t, streams.LogStreams, 2)
	require.Equal(t, "log_stream_created_by_aws_to_validate_log_delivery_subscriptions", *streams.LogStreams[0].LogStreamName)
	require.Regexp(t, `^states/m/2026-11-23-08-00/[0-9a-f]{8}$`, *streams.LogStreams[1].LogStreamName)
}

func TestLongDataIsCutInLogs(t *testing.T) {
	group := newLogGroup(t, "eu-west-1", "123456789012", quartz.NewReal())
	b := newBench(t, Config{Logs: group.service})
	machine := b.logged(sfn.CreateStateMachineInput{
		Name: aws.String("m"), LoggingConfiguration: group.configuration(types.LogLevelAll, true),
		Definition: aws.String(`{"StartAt":"P","States":{"P":{"Type":"Pass","Result":1,"End":true}}}`),
	})
	b.await(b.start(machine, "x", `"`+strings.Repeat(`\"`, 100<<10)+`"`))
	first := group.lines(t)[0]
	require.Contains(t, first, `"inputDetails":{"truncated":true}`)
	require.InDelta(t, 248<<10, len(first), 1000)
}

func TestLoggingConfigurationIsChecked(t *testing.T) {
	group := newLogGroup(t, "eu-west-1", "123456789012", quartz.NewReal())
	b := newBench(t, Config{Logs: group.service})
	for name, arn := range map[string]string{
		"no group": "arn:aws:logs:eu-west-1:123456789012:log-group:none:*", "no star": strings.TrimSuffix(group.arn, ":*"),
	} {
		c := group.configuration(types.LogLevelAll, true)
		c.Destinations[0].CloudWatchLogsLogGroup.LogGroupArn = &arn
		_, err := b.CreateStateMachine(b.ctx, &sfn.CreateStateMachineInput{
			Name: aws.String("m"), RoleArn: aws.String(testRole), LoggingConfiguration: c,
			Definition: aws.String(`{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}`),
		})
		var refused *types.InvalidLoggingConfiguration
		require.ErrorAs(t, err, &refused, name)
	}
	machine := b.machine("quiet", `{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}`)
	_, err := b.UpdateStateMachine(b.ctx, &sfn.UpdateStateMachineInput{
		StateMachineArn: &machine, LoggingConfiguration: &types.LoggingConfiguration{Level: types.LogLevelError},
	})
	var refused *types.InvalidLoggingConfiguration
	require.ErrorAs(t, err, &refused, "no destination")
	b.await(b.start(machine, "x", "{}"))
	require.Empty(t, group.lines(t))
}
