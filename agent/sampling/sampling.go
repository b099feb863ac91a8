// Package sampling decides which executions are traced. It is pure: the same execution gets the same answer from every
// agent, at any time.
package sampling

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/steptrace/steptrace/agent/selector"
	"github.com/steptrace/steptrace/spanid"
)

// Rule keeps a part of the executions of some state machines.
type Rule struct {
	Machines   selector.Machines
	Ratio      float64       // of executions, by trace id: from 0 to 1
	Statuses   []string      // kept whatever the ratio, beside those that failed
	LongerThan time.Duration // kept whatever the ratio; 0: how long they take does not matter
}

// Rules apply in order: the first that matches the state machine decides. Without one everything is kept.
type Rules []Rule

// Execution is what a decision is made from.
type Execution struct {
	StateMachine string // its ARN
	TraceID      spanid.TraceID
	Status       string        // empty or RUNNING while it runs
	Duration     time.Duration // so far
}

// Decision is what is to be done with an execution.
type Decision int

// The decisions.
const (
	Keep Decision = iota
	Drop
	Wait // its end will tell, or its duration
)

// Decide applies the rules.
func (rules Rules) Decide(e Execution) Decision {
	i := slices.IndexFunc(rules, func(r Rule) bool { return r.Machines.Match(e.StateMachine) })
	switch {
	case i < 0, rules[i].keeps(e):
		return Keep
	case Running(e.Status):
		return Wait
	}
	return Drop
}

func (r *Rule) keeps(e Execution) bool {
	return Failed(e.Status) || slices.Contains(r.Statuses, e.Status) ||
		r.LongerThan > 0 && e.Duration >= r.LongerThan || within(e.TraceID, r.Ratio)
}

// within takes the last 8 bytes of the trace id, evenly distributed as a hash's, for a number in [0,1).
func within(id spanid.TraceID, ratio float64) bool {
	return ratio > 0 && float64(binary.BigEndian.Uint64(id[8:])>>11)/(1<<53) < ratio
}

// Running is true while the execution has not ended.
func Running(status string) bool { return status == "" || status == "RUNNING" }

// Failed is true for every end but success.
func Failed(status string) bool { return !Running(status) && status != "SUCCEEDED" }

// Validate names what cannot be used, by index and key.
func (rules Rules) Validate() error {
	var errs []error
	for i := range rules {
		if err := rules[i].validate(); err != nil {
			errs = append(errs, fmt.Errorf("%d::%w", i, err))
		}
	}
	return errors.Join(errs...)
}

func (r *Rule) validate() error {
	if err := r.Machines.Validate(); err != nil {
		return fmt.Errorf("state_machines::%w", err)
	}
	if math.IsNaN(r.Ratio) || r.Ratio < 0 || r.Ratio > 1 {
		return fmt.Errorf("ratio: %v is not from 0 to 1", r.Ratio)
	}
	if r.LongerThan < 0 {
		return fmt.Errorf("longer_than: %s is below 0", r.LongerThan)
	}
	for i, status := range r.Statuses {
		if !slices.Contains(statuses, status) {
			return fmt.Errorf("statuses::%d: %q is not one of %v", i, status, statuses)
		}
	}
	return nil
}

var statuses = []string{"SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"}
