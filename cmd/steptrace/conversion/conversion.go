// Package conversion turns stored execution histories into traces without a store: files in, a store.Trace or OTLP
// data out. It does no I/O, and its output depends on nothing but its input.
package conversion

import (
	"cmp"
	"slices"
	"time"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/definition"
	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// The formats of a file.
const (
	History    = "history"     // pages of GetExecutionHistory
	VendedLogs = "vended-logs" // lines that Step Functions writes to CloudWatch Logs
)

// File is one input, not compressed.
type File struct {
	Name string // as errors show it; an execution without an ARN gets one from the last element
	Body []byte
}

// Config is what is known beside the files.
type Config struct {
	Format     string // History or VendedLogs
	Execution  Described
	Definition *definition.Definition // nil when not known
}

// Execution is one execution, converted.
type Execution struct {
	convert.Execution
	Status  string           // RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED, PENDING_REDRIVE
	Spans   []convert.Span   // each once; what has not ended is marked with semconv.Open
	Records []convert.Record // one per event, by id
	Missing []Range          // ids of events that the files lack between others
	Begins  time.Time        // the first event's time
	Strange []string         // states that the definition lacks, or has as another type
}

// Convert reads the files and converts every execution in them, ordered by start.
func Convert(files []File, cfg Config) ([]Execution, error) {
	read := readHistories
	if cfg.Format == VendedLogs {
		read = readLogs
	}
	runs, err := read(files, cfg.Execution.ARN)
	if err != nil {
		return nil, err
	}
	executions := make([]Execution, len(runs))
	for i, r := range runs {
		executions[i] = r.convert(cfg)
	}
	slices.SortFunc(executions, func(a, b Execution) int {
		return cmp.Or(a.Begins.Compare(b.Begins), cmp.Compare(a.ARN, b.ARN))
	})
	return executions, nil
}

func (r *run) convert(cfg Config) Execution {
	e := Execution{
		Execution: convert.Execution{ARN: r.arn}, Status: "RUNNING", Missing: r.missing(), Begins: r.events[0].Time,
	}
	if cfg.Execution.ARN == r.arn {
		e.Execution = cfg.Execution.Execution
		e.Status = cmp.Or(cfg.Execution.Status, e.Status)
	}
	c := convert.New(e.Execution, cfg.Definition)
	now := time.Time{}
	for i := range r.events {
		if r.events[i].Time.After(now) {
			now = r.events[i].Time
		}
	}
	out := c.Feed(r.history()...)
	e.Spans, e.Records = latest(append(out.Spans, c.Open(now)...)), out.Records
	e.Strange = strange(e.Spans, cfg.Definition)
	if c.Done() {
		e.Status = statusOf(e.Spans)
	}
	return e
}

// strange lists the states for which the definition does not fit, each once.
func strange(spans []convert.Span, d *definition.Definition) (names []string) {
	for i := range spans {
		if spans[i].Kind != semconv.KindState {
			continue
		}
		name := valueOf(spans[i].Attributes, semconv.StateName).AsString()
		if name != "" && !d.Fits(name, valueOf(spans[i].Attributes, semconv.StateType).AsString()) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// latest keeps the last of the spans with one id: what a redrive went on with comes out once more.
func latest(spans []convert.Span) []convert.Span {
	at := make(map[spanid.SpanID]int, len(spans))
	kept := spans[:0]
	for _, s := range spans {
		i, ok := at[s.ID]
		if !ok {
			i = len(kept)
			at[s.ID] = i
			kept = append(kept, s)
		}
		kept[i] = s
	}
	return kept
}
