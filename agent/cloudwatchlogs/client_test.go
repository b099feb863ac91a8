package cloudwatchlogs_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/steptrace/steptrace/agent/awsapi"
	"github.com/steptrace/steptrace/agent/cloudwatchlogs"
	"github.com/steptrace/steptrace/agent/cloudwatchlogs/cloudwatchlogstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var epoch = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

func client(t *testing.T, url string, share float64) (*cloudwatchlogs.Client, *quartz.Mock) {
	t.Helper()
	clock := quartz.NewMock(t)
	c, err := cloudwatchlogs.New(aws.Config{
		Region: "eu-west-1", HTTPClient: cloudwatchlogstest.HTTPClient(t),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	}, url, awsapi.Options{Share: share, Clock: clock})
	require.NoError(t, err)
	return c, clock
}

func TestGroupsReadsAllPages(t *testing.T) {
	s := cloudwatchlogstest.New(t)
	s.LimitPages(1)
	for _, name := range []string{"/aws/vendedlogs/states/b", "/aws/vendedlogs/states/a", "/aws/lambda/c"} {
		s.AddGroup(name)
	}
	c, _ := client(t, s.URL, 1)
	names, err := c.Groups(t.Context(), "/aws/vendedlogs/states/")
	require.NoError(t, err)
	require.Equal(t, []string{"/aws/vendedlogs/states/a", "/aws/vendedlogs/states/b"}, names)
}

func TestEventsReadsPages(t *testing.T) {
	s := cloudwatchlogstest.New(t)
	s.LimitPages(2)
	for i, text := range []string{"early", "b", "a", "c"} {
		s.Put("g", "stream", epoch.Add([]time.Duration{0, 2, 1, 3}[i]*time.Second), text)
	}
	c, _ := client(t, s.URL, 1)
	page, err := c.Events(t.Context(), "g", epoch.Add(time.Second), "")
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b"}, []string{page.Messages[0].Text, page.Messages[1].Text})
	require.Equal(t, "stream", page.Messages[0].Stream)
	require.Equal(t, epoch.Add(time.Second), page.Messages[0].Time)
	require.NotEqual(t, page.Messages[0].ID, page.Messages[1].ID)
	page, err = c.Events(t.Context(), "arn:aws:logs:eu-west-1:123456789012:log-group:g:*", epoch, page.Next)
	require.NoError(t, err)
	require.Equal(t, "c", page.Messages[0].Text)
	require.Empty(t, page.Next)
}

// At a share of 0.1 one call a second is left of FilterLogEvents' ten.
func TestCallsKeepToTheShare(t *testing.T) {
	s := cloudwatchlogstest.New(t)
	s.AddGroup("g")
	c, clock := client(t, s.URL, 0.1)
	trap := clock.Trap().NewTimer("quota")
	defer trap.Close()
	_, err := c.Events(t.Context(), "g", epoch, "")
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() {
		_, err := c.Events(t.Context(), "g", epoch, "")
		done <- err
	}()
	call := trap.MustWait(t.Context())
	require.Equal(t, time.Second, call.Duration)
	call.MustRelease(t.Context())
	require.Equal(t, 1, s.Calls("FilterLogEvents"))
	clock.Advance(time.Second).MustWait(t.Context())
	require.NoError(t, <-done)
}

func TestUnavailableIsTriedAgain(t *testing.T) {
	s := cloudwatchlogstest.New(t)
	s.AddGroup("g")
	s.Fail("FilterLogEvents", 0, 2, "ServiceUnavailableException", 400)
	c, clock := client(t, s.URL, 1)
	trap := clock.Trap().NewTimer("awsapi")
	defer trap.Close()
	done := make(chan error, 1)
	go func() {
		_, err := c.Events(t.Context(), "g", epoch, "")
		done <- err
	}()
	for range 2 {
		call := trap.MustWait(t.Context())
		call.MustRelease(t.Context())
		clock.Advance(call.Duration).MustWait(t.Context())
	}
	require.NoError(t, <-done)
	require.Equal(t, 3, s.Calls("FilterLogEvents"))
}

func TestQuotasAreThoseOfTheRegion(t *testing.T) {
	for region, want := range map[string]int{"us-east-1": 25, "eu-west-1": 10, "eu-central-1": 5} {
		require.Equal(t, want, cloudwatchlogs.Quotas(region)["FilterLogEvents"].Bucket, region)
	}
}

func TestErrorsSayWhatMendsThem(t *testing.T) {
	for code, want := range map[string]string{
		"ResourceNotFoundException":   "read log group g: call FilterLogEvents of CloudWatch Logs: ResourceNotFoundException: scripted; create the log group",
		"AccessDeniedException":       "allow logs:FilterLogEvents on it",
		"UnrecognizedClientException": "renew the AWS credentials",
	} {
		t.Run(code, func(t *testing.T) {
			s := cloudwatchlogstest.New(t)
			s.Fail("FilterLogEvents", 0, 1, code, 400)
			c, _ := client(t, s.URL, 1)
			_, err := c.Events(t.Context(), "g", epoch, "")
			require.ErrorContains(t, err, want)
		})
	}
	c, _ := client(t, "http://127.0.0.1:1", 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := c.Events(ctx, "g", epoch, "")
	require.Error(t, err)
}
