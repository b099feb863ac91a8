package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// AggregateFilter selects the visits of one state machine's states.
type AggregateFilter struct {
	StateMachine string    // its ARN
	Since, Until time.Time // when the states were entered; zero: the last 24 hours
}

// AggregateWorkflow is a state machine's newest definition with what became of its states in many executions.
type AggregateWorkflow struct {
	Revision    *Revision        `json:"revision"`    // in force at the end of the range; null when none is known
	Approximate bool             `json:"approximate"` // as in StateStatistics
	States      []AggregateState `json:"states"`      // by name, those that were not reached included
}

// AggregateState is all visits of one state in a range.
type AggregateState struct {
	Name string `json:"name"`
	StateCounts
	Errors map[string]uint64 `json:"errors"` // visits by the error that they failed with, caught or not
}

const exactErrorsQuery = `
SELECT StateName, Error, count() AS visits FROM sfn_state_visits FINAL
{where}
GROUP BY StateName, Error
ORDER BY visits DESC, StateName, Error
LIMIT {limit:UInt32}` + finalSettings

const minuteErrorsQuery = `
SELECT StateName, Error, uniqCombined64Merge(Visits) AS visits FROM sfn_state_minutes
{where}
GROUP BY StateName, Error
ORDER BY visits DESC, StateName, Error
LIMIT {limit:UInt32}`

// maxErrors bounds the errors told apart, the most frequent of a state machine.
const maxErrors = 1000

// AggregateWorkflow reads a state machine's workflow over a range.
func (db *DB) AggregateWorkflow(ctx context.Context, filter AggregateFilter) (AggregateWorkflow, error) {
	f := StatisticsFilter{StateMachines: []string{filter.StateMachine}, Since: filter.Since, Until: filter.Until}
	f = f.complete(time.Now())
	w := AggregateWorkflow{Approximate: f.approximate(), States: []AggregateState{}}
	index := map[string]int{}
	q, text := f.query()
	q.param("step", 0)
	q.param("limit", maxStates)
	err := db.ask(ctx, "count visits of states", &q, text, func(rows driver.Rows) error {
		p, err := scanStatePoint(rows)
		index[p.State] = len(w.States)
		w.States = append(w.States, AggregateState{Name: p.State, StateCounts: p.StateCounts, Errors: map[string]uint64{}})
		return err
	})
	if err != nil {
		return AggregateWorkflow{}, err
	}
	if err := db.addErrors(ctx, f, &w, index); err != nil {
		return AggregateWorkflow{}, err
	}
	return w, db.addDefinition(ctx, filter.StateMachine, f.Until, &w, index)
}

func (db *DB) addErrors(ctx context.Context, f StatisticsFilter, w *AggregateWorkflow, index map[string]int) error {
	q, _ := f.query()
	q.where("Error != ''")
	q.param("limit", maxErrors)
	text := exactErrorsQuery
	if f.approximate() {
		text = minuteErrorsQuery
	}
	return db.ask(ctx, "count errors of states", &q, text, func(rows driver.Rows) error {
		var state, failure string
		var visits uint64
		err := rows.Scan(&state, &failure, &visits)
		if n, known := index[state]; known && err == nil {
			w.States[n].Errors[failure] = visits
		}
		return err
	})
}

// addDefinition adds the definition and the states that were not reached.
func (db *DB) addDefinition(
	ctx context.Context, machine string, until time.Time, w *AggregateWorkflow, index map[string]int,
) error {
	revision, found, err := db.revisionAt(ctx, machine, until)
	if err != nil || !found {
		return err
	}
	w.Revision = &revision
	for _, name := range stateNames(revision.Definition) {
		if _, known := index[name]; !known {
			w.States = append(w.States, AggregateState{Name: name, Errors: map[string]uint64{}})
		}
	}
	slices.SortFunc(w.States, func(a, b AggregateState) int { return cmp.Compare(a.Name, b.Name) })
	return nil
}
