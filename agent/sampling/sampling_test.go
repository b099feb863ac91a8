package sampling_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent/sampling"
	"github.com/steptrace/steptrace/agent/selector"
	"github.com/steptrace/steptrace/spanid"
)

const machine = "arn:aws:states:eu-west-1:123456789012:stateMachine:noisy"

var never = sampling.Rule{Machines: selector.Machines{"noisy"}}

func TestDecide(t *testing.T) {
	for name, c := range map[string]struct {
		rules sampling.Rules
		e     sampling.Execution
		want  sampling.Decision
	}{
		"no rule keeps all":        {nil, sampling.Execution{StateMachine: machine, Status: "SUCCEEDED"}, sampling.Keep},
		"no rule for the machine":  {sampling.Rules{never}, sampling.Execution{StateMachine: machine + "-2"}, sampling.Keep},
		"while it runs":            {sampling.Rules{never}, sampling.Execution{StateMachine: machine, Status: "RUNNING"}, sampling.Wait},
		"status not known":         {sampling.Rules{never}, sampling.Execution{StateMachine: machine}, sampling.Wait},
		"success":                  {sampling.Rules{never}, sampling.Execution{StateMachine: machine, Status: "SUCCEEDED"}, sampling.Drop},
		"failures always":          {sampling.Rules{never}, sampling.Execution{StateMachine: machine, Status: "FAILED"}, sampling.Keep},
		"timeouts always":          {sampling.Rules{never}, sampling.Execution{StateMachine: machine, Status: "TIMED_OUT"}, sampling.Keep},
		"aborts always":            {sampling.Rules{never}, sampling.Execution{StateMachine: machine, Status: "ABORTED"}, sampling.Keep},
		"pending redrives always":  {sampling.Rules{never}, sampling.Execution{StateMachine: machine, Status: "PENDING_REDRIVE"}, sampling.Keep},
		"the first match decides":  {sampling.Rules{never, {Ratio: 1}}, sampling.Execution{StateMachine: machine, Status: "SUCCEEDED"}, sampling.Drop},
		"a ratio of one keeps all": {sampling.Rules{{Ratio: 1}}, sampling.Execution{StateMachine: machine}, sampling.Keep},
		"a status asked for": {
			sampling.Rules{{Statuses: []string{"SUCCEEDED"}}},
			sampling.Execution{StateMachine: machine, Status: "SUCCEEDED"},
			sampling.Keep,
		},
		"long ones, before they end": {
			sampling.Rules{{LongerThan: time.Minute}},
			sampling.Execution{StateMachine: machine, Duration: time.Minute},
			sampling.Keep,
		},
		"short ones": {
			sampling.Rules{{LongerThan: time.Minute}},
			sampling.Execution{StateMachine: machine, Status: "SUCCEEDED", Duration: 59 * time.Second},
			sampling.Drop,
		},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, c.rules.Decide(c.e)) })
	}
}

// Of 10,000 executions a tenth is 1,000; 3 standard deviations are 90.
func TestTheRatioIsKept(t *testing.T) {
	rules := sampling.Rules{{Ratio: 0.1}}
	kept := 0
	for i := range 10_000 {
		id := spanid.Trace(fmt.Sprintf("arn:aws:states:eu-west-1:123456789012:execution:noisy:%d", i))
		if rules.Decide(sampling.Execution{StateMachine: machine, TraceID: id, Status: "SUCCEEDED"}) == sampling.Keep {
			kept++
		}
	}
	require.InDelta(t, 1000, kept, 90)
}

func TestValidateNamesTheKey(t *testing.T) {
	for want, rule := range map[string]sampling.Rule{
		"1::state_machines::0:":                  {Machines: selector.Machines{"["}},
		"1::ratio: 1.5 is not from 0 to 1":       {Ratio: 1.5},
		"1::longer_than: -1s is below 0":         {LongerThan: -time.Second},
		`1::statuses::0: "DONE" is not one of [`: {Statuses: []string{"DONE"}},
	} {
		require.ErrorContains(t, sampling.Rules{never, rule}.Validate(), want)
	}
	require.NoError(t, sampling.Rules{never}.Validate())
}
