package agent_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent"
	"github.com/steptrace/steptrace/agent/history/historytest"
)

func TestTheOrderInWhichExecutionsAreRead(t *testing.T) {
	now := historytest.Epoch.Add(time.Hour)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	second := ago(time.Second)
	for name, c := range map[string]struct {
		waiting []agent.Waiting
		want    string
	}{
		"failures before what is watched before others": {[]agent.Waiting{
			{Name: "running", Looked: second},
			{Name: "watched", Looked: second, Watched: true},
			{Name: "succeeded", Looked: second, Status: "SUCCEEDED"},
			{Name: "failed", Looked: second, Status: "FAILED"},
			{Name: "timed out", Looked: second, Status: "TIMED_OUT"},
		}, "failed, timed out, watched, running, succeeded"},
		"state machines in turn, however many executions each has": {[]agent.Waiting{
			{Name: "a1", Machine: "a", Looked: second},
			{Name: "a2", Machine: "a", Looked: second},
			{Name: "a3", Machine: "a", Looked: second},
			{Name: "b1", Machine: "b", Looked: second},
			{Name: "b2", Machine: "b", Looked: second},
			{Name: "c1", Machine: "c", Looked: second},
		}, "a1, b1, c1, a2, b2, a3"},
		"the longest overdue first": {[]agent.Waiting{
			{Name: "new", Looked: now}, {Name: "5s", Looked: ago(5 * time.Second)}, {Name: "1s", Looked: second},
		}, "5s, 1s, new"},
		"those in which nothing happens less often": {[]agent.Waiting{
			{Name: "quiet for long", Looked: ago(8 * time.Second), Happened: ago(time.Hour)},
			{Name: "quiet for less", Looked: ago(8 * time.Second), Happened: ago(20 * time.Second)},
			{Name: "busy", Looked: ago(2 * time.Second), Happened: ago(time.Second)},
		}, "busy, quiet for less, quiet for long"},
		"what has ended does not wait the longer for its silence": {[]agent.Waiting{
			{Name: "running", Looked: ago(3 * time.Second), Happened: ago(time.Minute)},
			{Name: "ended", Looked: ago(3 * time.Second), Happened: ago(time.Minute), Status: "SUCCEEDED"},
		}, "ended, running"},
		"nothing waits for ever": {[]agent.Waiting{
			{Name: "watched", Looked: ago(2 * time.Second), Watched: true},
			{Name: "forgotten", Looked: ago(time.Minute), Happened: ago(time.Hour)},
		}, "forgotten, watched"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, strings.Join(agent.Order(c.waiting, now, time.Second), ", "))
		})
	}
}
