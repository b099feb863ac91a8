package plugin

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

const stuckQuery = `{"queryType":"executions","format":"numeric","metric":"stuck"}`

// Twenty executions that took a second and one of two seconds make a 99th percentile of two; the one that has been
// running for seven is stuck, the one for five is not. Of a machine with fewer nothing is told.
func TestStuck(t *testing.T) {
	s := newStored(t)
	for n := range 20 {
		e := of("quick", fmt.Sprint(n)).starts(10).ends(11, "Succeeded", "")
		s.store(e.Execution, e.events...)
	}
	rare := of("rare", "0").starts(10).ends(11, "Succeeded", "")
	s.store(rare.Execution, rare.events...)
	running := of("rare", "1").starts(20)
	s.store(running.Execution, running.events...)
	fresh := of("quick", "fresh").starts(595)
	s.store(fresh.Execution, fresh.events...)
	require.Equal(t, "stuck (numeric-multi 0.1)\n  "+stuckLabels("fresh")+" \"quick\"\n    5\n",
		draw(s.ask(stuckQuery).Frames, nil))

	slow := of("quick", "slow").starts(10).ends(12, "Failed", "Boom")
	s.store(slow.Execution, slow.events...)
	require.Equal(t, "stuck (numeric-multi 0.1)\n", draw(s.ask(stuckQuery).Frames, nil))
	old := of("quick", "old").starts(593)
	s.store(old.Execution, old.events...)
	require.Equal(t, "stuck (numeric-multi 0.1)\n  "+stuckLabels("old")+" \"quick\"\n    3.5\n",
		draw(s.ask(stuckQuery).Frames, nil))
	require.Equal(t, "stuck (numeric-multi 0.1)\n",
		draw(s.ask(`{"queryType":"executions","format":"numeric","metric":"stuck","stateMachines":["rare"]}`).Frames, nil))
}

func stuckLabels(name string) string {
	const page = "/a/steptrace-app/execution?execution=arn%3Aaws%3Astates%3Aeu-west-1%3A123456789012%3Aexecution%3Aquick%3A"
	return "{execution_arn=@execution:quick:" + name + ", execution_url=" + page + name + ", state_machine=quick}"
}
