package agent_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent"
	"github.com/steptrace/steptrace/agent/history/historytest"
	"github.com/steptrace/steptrace/agent/stepfunctions/stepfunctionstest"
)

// A checkpoint can name an execution that no longer exists. It rests alone: the pace stays, and it is said ever less.
func TestAnExecutionThatCannotBeReadRestsAlone(t *testing.T) {
	w := newWorld(t)
	w.config.Lookback = time.Hour
	m := w.api.AddStateMachine("m", "{}")
	gone := w.api.Start(m, "gone", historytest.Epoch)
	gone.Append(t, firstHalf)
	other := w.api.Start(m, "other", historytest.Epoch)
	other.Append(t, firstHalf)
	first, _ := w.agent()
	require.NoError(t, first.Poll(t.Context()))
	gone.Delete()
	w.api.Calls("GetExecutionHistory")

	a, s := w.agent()
	pauses := make([]time.Duration, 20)
	for i := range pauses {
		pauses[i] = w.config.PollInterval
	}
	w.pauses(a, pauses...)
	// 21 polls, a second apart, read the other one each time and this one at 0, 2, 6 and 14 s.
	require.Equal(t, 21+4, w.api.Calls("GetExecutionHistory"))
	require.Equal(t, 3, strings.Count(w.log.String(), "cannot be read"), "at the 1st, 2nd and 4th failure")
	require.Contains(t, w.log.String(), gone.ARN)
	other.Append(t, secondHalf)
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, ids(5, 7), s.ids("other"))
}

func TestAStateMachineThatCannotBeListedRestsAlone(t *testing.T) {
	w := newWorld(t)
	denied := w.api.AddStateMachine("denied", "{}")
	w.api.Start(w.api.AddStateMachine("m", "{}"), "run", historytest.Epoch).Append(t, firstHalf+secondHalf)
	w.api.Fail("ListExecutions", 0, 1, "AccessDeniedException", 400)
	a, s := w.agent()
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, ids(1, 7), s.ids("run"))
	require.Contains(t, w.log.String(), denied)
	require.Contains(t, w.log.String(), "allow states:ListExecutions")
	w.api.Calls("ListExecutions")
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, 1, w.api.Calls("ListExecutions"), "the other one")
	w.clock.Advance(2 * w.config.PollInterval).MustWait(t.Context())
	require.NoError(t, a.Poll(t.Context()))
	require.Equal(t, 3, w.api.Calls("ListExecutions"), "of the one that rested also those that run")
}

func TestMissingCredentialsAreSaidWithTheirRemedy(t *testing.T) {
	w := newWorld(t)
	w.api.AddStateMachine("m", "{}")
	cfg := aws.Config{
		Region: "eu-west-1", HTTPClient: stepfunctionstest.HTTPClient(t),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{}, errors.New("no role")
		}),
	}
	a, err := agent.New(w.config, agent.Parts{
		Client: newClient(t, cfg, w.api.URL, w.clock), Clock: w.clock, Logger: discard,
	})
	require.NoError(t, err)
	require.EqualError(t, a.Poll(t.Context()), "call ListStateMachines of Step Functions: there are no AWS credentials; "+
		"set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or give the machine a role (no role)")
}
