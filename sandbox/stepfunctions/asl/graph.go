package asl

import (
	"fmt"
	"maps"
	"slices"
)

const missingTarget = "MISSING_TRANSITION_TARGET"

// transition is an edge of a machine's graph and the place that draws it.
type transition struct {
	to, at string
}

// checkTransitions reports transitions to nowhere, machines that never end and states that nothing leads to.
func checkTransitions(p *problems, at string, machine *StateMachine) {
	edges := map[string][]transition{}
	for name, state := range machine.States {
		edges[name] = transitions(fmt.Sprintf("%s/States/%s", at, name), state)
	}
	start := transition{to: machine.StartAt, at: at + "/StartAt"}
	checkTargets(p, machine, start, edges)
	if !slices.ContainsFunc(slices.Collect(maps.Values(machine.States)), (*State).terminal) {
		p.add("MISSING_END_STATE", at, "Workflow has no terminal state")
		return
	}
	checkReachable(p, at, machine, edges)
}

// terminal tells whether a machine may end in the state.
func (s *State) terminal() bool {
	return s.End || s.Type == SucceedType || s.Type == FailType
}

func transitions(at string, state *State) []transition {
	var edges []transition
	add := func(to, field string) {
		if to != "" {
			edges = append(edges, transition{to: to, at: at + "/" + field})
		}
	}
	add(state.Next, "Next")
	for i, catcher := range state.Catch {
		add(catcher.Next, fmt.Sprintf("Catch[%d]/Next", i))
	}
	if state.Choice != nil {
		for i, rule := range state.Choice.Rules {
			add(rule.Next, fmt.Sprintf("Choices[%d]/Next", i))
		}
		add(state.Choice.Default, "Default")
	}
	return edges
}

func checkTargets(p *problems, machine *StateMachine, start transition, edges map[string][]transition) {
	all := []transition{start}
	for _, name := range slices.Sorted(maps.Keys(edges)) {
		all = append(all, edges[name]...)
	}
	for _, edge := range all {
		if _, ok := machine.States[edge.to]; !ok && edge.to != "" {
			p.add(missingTarget, edge.at, "Missing 'Next' target: %s", edge.to)
		}
	}
}

func checkReachable(p *problems, at string, machine *StateMachine, edges map[string][]transition) {
	reached := map[string]bool{}
	queue := []string{machine.StartAt}
	for len(queue) > 0 {
		name := queue[0]
		queue = queue[1:]
		if reached[name] {
			continue
		}
		reached[name] = true
		for _, edge := range edges[name] {
			queue = append(queue, edge.to)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(machine.States)) {
		if !reached[name] {
			p.add(missingTarget, fmt.Sprintf("%s/States/%s", at, name), "State %q is not reachable.", name)
		}
	}
}

// checkStateNames reports names that occur twice in a whole definition, branches and item processors included.
func checkStateNames(p *problems, machine *StateMachine) {
	seen := map[string]bool{}
	walkStates(machine, "", func(at string, state *State) {
		if seen[state.Name] {
			p.add("DUPLICATE_STATE_NAME", at, "Duplicate State name: %s", state.Name)
		}
		seen[state.Name] = true
	})
}

func walkStates(machine *StateMachine, at string, visit func(at string, state *State)) {
	for _, name := range slices.Sorted(maps.Keys(machine.States)) {
		state, here := machine.States[name], fmt.Sprintf("%s/States/%s", at, name)
		visit(here, state)
		if state.Parallel != nil {
			for i, branch := range state.Parallel.Branches {
				walkStates(branch, fmt.Sprintf("%s/Branches[%d]", here, i), visit)
			}
		}
		if state.Map != nil {
			walkStates(state.Map.ItemProcessor, here+"/ItemProcessor", visit)
		}
	}
}
