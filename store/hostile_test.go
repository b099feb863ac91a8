package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/spanid/semconv"
	"github.com/steptrace/steptrace/store"
	"github.com/steptrace/steptrace/store/price"
)

// asking puts a text into one argument of one reader and counts what comes back.
type asking func(ctx context.Context, db *store.DB, text string) (int, error)

func counted[T any](found []T, err error) (int, error) { return len(found), err }

// everyTextArgument is all readers with each argument that takes a text.
func everyTextArgument() map[string]asking {
	all := map[string]asking{
		"trace": func(ctx context.Context, db *store.DB, s string) (int, error) {
			t, err := db.Trace(ctx, s)
			return len(t.Spans), err
		},
		"trace of an ARN": func(ctx context.Context, db *store.DB, s string) (int, error) {
			t, err := db.Trace(ctx, "arn:"+s)
			return len(t.Spans), err
		},
		"workflow": func(ctx context.Context, db *store.DB, s string) (int, error) {
			w, err := db.Workflow(ctx, "arn:"+s)
			return len(w.States), err
		},
		"aggregate": func(ctx context.Context, db *store.DB, s string) (int, error) {
			w, err := db.AggregateWorkflow(ctx, store.AggregateFilter{StateMachine: "x" + s, Since: at(0), Until: at(60_000)})
			return len(w.States), err
		},
		"revisions": func(ctx context.Context, db *store.DB, s string) (int, error) {
			return counted(db.Revisions(ctx, s, 0))
		},
	}
	for name, f := range map[string]func(s string) store.ExecutionFilter{
		"machine": func(s string) store.ExecutionFilter { return store.ExecutionFilter{StateMachines: []string{s}} },
		"status":  func(s string) store.ExecutionFilter { return store.ExecutionFilter{Statuses: []string{s}} },
		"error":   func(s string) store.ExecutionFilter { return store.ExecutionFilter{Errors: []string{s}} },
		"name":    func(s string) store.ExecutionFilter { return store.ExecutionFilter{Name: s} },
		"state":   func(s string) store.ExecutionFilter { return store.ExecutionFilter{FailedState: s} },
		"text":    func(s string) store.ExecutionFilter { return store.ExecutionFilter{Text: "zzz " + s} },
		"map run": func(s string) store.ExecutionFilter { return store.ExecutionFilter{MapRunARN: s} },
		"cursor": func(s string) store.ExecutionFilter {
			return store.ExecutionFilter{After: store.ExecutionCursor{Start: at(-1), ExecutionARN: s}}
		},
	} {
		all["executions "+name] = func(ctx context.Context, db *store.DB, s string) (int, error) {
			return counted(db.Executions(ctx, f(s)))
		}
	}
	for name, f := range map[string]func(s string) store.FailureFilter{
		"kind":    func(s string) store.FailureFilter { return store.FailureFilter{Kind: s} },
		"machine": func(s string) store.FailureFilter { return store.FailureFilter{StateMachines: []string{s}} },
		"both":    func(s string) store.FailureFilter { return store.FailureFilter{StateMachines: []string{s, "arn:" + s}} },
		"state":   func(s string) store.FailureFilter { return store.FailureFilter{States: []string{s, s}} },
		"error":   func(s string) store.FailureFilter { return store.FailureFilter{Errors: []string{s}} },
	} {
		all["failures "+name] = func(ctx context.Context, db *store.DB, s string) (int, error) {
			return counted(db.Failures(ctx, f(s)))
		}
		all["failure counts "+name] = func(ctx context.Context, db *store.DB, s string) (int, error) {
			return counted(db.FailureCounts(ctx, f(s)))
		}
	}
	for name, f := range map[string]func(s string) store.CallFilter{
		"service":   func(s string) store.CallFilter { return store.CallFilter{Services: []string{s}} },
		"operation": func(s string) store.CallFilter { return store.CallFilter{Operations: []string{s}} },
		"caller":    func(s string) store.CallFilter { return store.CallFilter{Callers: []string{s}} },
		"resource":  func(s string) store.CallFilter { return store.CallFilter{Resource: s} },
	} {
		all["calls "+name] = func(ctx context.Context, db *store.DB, s string) (int, error) {
			return counted(db.Calls(ctx, f(s), 0))
		}
		all["slowest calls "+name] = func(ctx context.Context, db *store.DB, s string) (int, error) {
			return counted(db.SlowestCalls(ctx, f(s)))
		}
	}
	for name, f := range map[string]func(s string) store.SpanFilter{
		"key": func(s string) store.SpanFilter { return store.SpanFilter{Attributes: []store.Attribute{{Key: s}}} },
		"value": func(s string) store.SpanFilter {
			return store.SpanFilter{Attributes: []store.Attribute{{Key: semconv.Kind, Value: s}}}
		},
		"resource": func(s string) store.SpanFilter {
			return store.SpanFilter{Attributes: []store.Attribute{{Key: semconv.ServiceName, Value: s, Resource: true}}}
		},
		"kind":    func(s string) store.SpanFilter { return store.SpanFilter{Kind: s} },
		"service": func(s string) store.SpanFilter { return store.SpanFilter{Service: s} },
		"name":    func(s string) store.SpanFilter { return store.SpanFilter{Name: s} },
		"trace":   func(s string) store.SpanFilter { return store.SpanFilter{TraceID: s} },
	} {
		all["spans "+name] = func(ctx context.Context, db *store.DB, s string) (int, error) {
			return counted(db.Spans(ctx, f(s)))
		}
	}
	addMoreTextArguments(all)
	return all
}

func addMoreTextArguments(all map[string]asking) {
	for name, f := range map[string]func(s string) store.HistoryFilter{
		"execution": func(s string) store.HistoryFilter { return store.HistoryFilter{Execution: "arn:" + s} },
		"type": func(s string) store.HistoryFilter {
			return store.HistoryFilter{Execution: failing.arn(), Types: []string{s}}
		},
		"state": func(s string) store.HistoryFilter { return store.HistoryFilter{Execution: failing.arn(), State: s} },
	} {
		all["history "+name] = func(ctx context.Context, db *store.DB, s string) (int, error) {
			return counted(db.History(ctx, f(s)))
		}
	}
	for name, f := range map[string]func(s string) store.StatisticsFilter{
		"machine": func(s string) store.StatisticsFilter {
			return store.StatisticsFilter{StateMachines: []string{s}, Until: at(60_000)}
		},
		"state": func(s string) store.StatisticsFilter {
			return store.StatisticsFilter{States: []string{s}, Until: at(60_000)}
		},
		"state, weeks": func(s string) store.StatisticsFilter {
			return store.StatisticsFilter{States: []string{s}, Since: at(0).AddDate(0, -1, 0), Until: at(60_000)}
		},
	} {
		all["statistics "+name] = func(ctx context.Context, db *store.DB, s string) (int, error) {
			found, err := db.StateStatistics(ctx, f(s))
			return len(found.Points), err
		}
	}
	for name, f := range map[string]func(s string) store.MapRunFilter{
		"map run":   func(s string) store.MapRunFilter { return store.MapRunFilter{MapRunARN: s} },
		"execution": func(s string) store.MapRunFilter { return store.MapRunFilter{ExecutionARN: s} },
		"machine":   func(s string) store.MapRunFilter { return store.MapRunFilter{StateMachines: []string{s}} },
	} {
		all["map runs "+name] = func(ctx context.Context, db *store.DB, s string) (int, error) {
			return counted(db.MapRuns(ctx, f(s)))
		}
	}
	all["machines"] = func(ctx context.Context, db *store.DB, s string) (int, error) {
		return counted(db.StateMachines(ctx, store.MachineFilter{StateMachines: []string{s}}))
	}
	all["functions"] = func(ctx context.Context, db *store.DB, s string) (int, error) {
		return counted(db.Functions(ctx, store.FunctionFilter{Functions: []string{s}}))
	}
	for _, by := range []string{store.ByMachine, store.ByState, store.ByExecution} {
		all["costs by "+by] = func(ctx context.Context, db *store.DB, s string) (int, error) {
			return counted(db.Costs(ctx, store.CostFilter{By: by, StateMachines: []string{s}, Since: at(0), Until: at(60_000)}, price.Default()))
		}
	}
	all["costs by what"] = func(ctx context.Context, db *store.DB, s string) (int, error) {
		return counted(db.Costs(ctx, store.CostFilter{By: s}, price.Default()))
	}
}

func TestTextsFromOutsideOnlyEverAreValues(t *testing.T) {
	r := newRig(t)
	r.writeWorld()
	texts := []string{
		`' OR 1=1 --`, `\`, `\'); DROP TABLE otel_traces; --`, "NUL\x00, \xff\xfe, line\nfeed\ttab\r",
		`{x:String}{limit:UInt32}{where}{texts}"]['a']%_*?🙈`, strings.Repeat("x", 4000), strings.Repeat("y", 1<<20),
	}
	for name, ask := range everyTextArgument() {
		t.Run(name, func(t *testing.T) {
			for _, text := range texts {
				n, err := ask(t.Context(), r.db, text)
				if err != nil {
					require.True(t, errors.Is(err, store.ErrArgument) || errors.Is(err, store.ErrNotFound), "%.100q: %v", text, err)
					require.Less(t, len(err.Error()), 5000)
				}
				require.Zero(t, n, "%.100q", text)
			}
		})
	}
	all, err := r.db.Executions(t.Context(), store.ExecutionFilter{})
	require.NoError(t, err)
	require.Len(t, all, 3, "nothing was harmed")
}

// A text with everything in it is found as it is, alone and in a list.
func TestAnOddNameIsFound(t *testing.T) {
	r := newRig(t)
	odd := `a'b"c\d{x:String}` + "\n\t🙈"
	e := run{machine: odd, name: "x"}
	r.write(e.state(odd, 2, 0, 10, odd))
	r.life(e, 0, 10, "ExecutionFailed", attrs{semconv.Error: odd})
	failures, err := r.db.Failures(t.Context(), store.FailureFilter{
		StateMachines: []string{"other", machineARN + odd}, States: []string{"other", odd}, Errors: []string{odd},
	})
	require.NoError(t, err)
	require.Len(t, failures, 1)
	executions, err := r.db.Executions(t.Context(), store.ExecutionFilter{
		StateMachines: []string{machineARN + odd}, FailedState: odd, Errors: []string{odd}, Name: odd,
	})
	require.NoError(t, err)
	require.Len(t, executions, 1)
	spans, err := r.db.Spans(t.Context(), store.SpanFilter{
		Name: odd, Attributes: []store.Attribute{{Key: semconv.StateName, Value: odd}},
	})
	require.NoError(t, err)
	require.Len(t, spans, 1)
}

func TestLimitsOfArguments(t *testing.T) {
	r := newRig(t)
	many := make([]string, 201)
	for n := range many {
		many[n] = fmt.Sprint(n)
	}
	_, err := r.db.Executions(t.Context(), store.ExecutionFilter{StateMachines: many})
	require.ErrorContains(t, err, "201 are too many: at most 200")
	_, err = r.db.Executions(t.Context(), store.ExecutionFilter{Text: strings.Join(many, " ")})
	require.ErrorContains(t, err, "201 words are too many")
	_, err = r.db.Executions(t.Context(), store.ExecutionFilter{Text: "!?"})
	require.ErrorContains(t, err, "no word")
	_, err = r.db.Spans(t.Context(), store.SpanFilter{Attributes: make([]store.Attribute, 17)})
	require.ErrorContains(t, err, "17 are too many")
	_, err = r.db.Executions(t.Context(), store.ExecutionFilter{StateMachines: many[:200], Limit: 1 << 40})
	require.NoError(t, err, "as much as a reader may ask for")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = r.db.Executions(ctx, store.ExecutionFilter{})
	require.ErrorIs(t, err, context.Canceled)
}
