// Package vendedlogs makes traces of the log lines that Step Functions writes to CloudWatch Logs: the only history that
// Express workflows have. Delivery neither keeps the order of lines nor rules out losses and duplicates.
//
// The assembler is pure: lines and the time go in, converted output comes out. What is contiguous is converted at once;
// a line that comes early waits for those before it, and after the reorder window it goes on without them. A line that
// comes after that has the execution converted anew, and what is different comes out once more under the same ids.
package vendedlogs

import (
	"container/list"
	"time"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/spanid"
)

// Line is one log line, with its place in CloudWatch Logs.
type Line struct {
	history.LogEvent
	Source string    // where it was read from, a log group's name
	Placed time.Time // by which the source is read again: the log event's timestamp, or when it was pushed
}

// Limits bound how long the assembler waits and what it holds.
type Limits struct {
	ReorderWindow   time.Duration // how long a line waits for those before it, and an ended execution for late ones
	ExpressSilence  time.Duration // after which an Express execution is given up
	StandardSilence time.Duration // after which a Standard execution is given up
	MaxExecutions   int           // that are held
	MaxBytes        int64         // of lines that are held, roughly
	MaxRemembered   int           // executions of which only is remembered which events were handed over
}

// Batch is what came of lines of one execution.
type Batch struct {
	Execution convert.Execution
	convert.Output
}

// Stats counts since the start, and what is held now.
type Stats struct {
	Lines, Duplicates int64
	Missing           int64 // events that others did not wait for any longer
	Late              int64 // lines that came after they had been counted as missing
	Silent            int64 // executions given up because nothing came any more
	Evicted           int64 // executions given up to keep within the limits
	Executions        int
	Waiting           int // lines that are not handed over yet
	Bytes             int64
}

// Assembler makes executions of lines. It is not safe for concurrent use.
type Assembler struct {
	limits     Limits
	options    []convert.Option
	executions map[string]*execution // by ARN
	recent     *list.List            // of *execution: the one heard of last at the back
	remembered *memory
	reached    map[string]time.Time // by source: see Reached
	stats      Stats
	out        []Batch
}

// New makes an assembler that holds nothing yet.
func New(limits Limits, options ...convert.Option) *Assembler {
	return &Assembler{
		limits: limits, options: options, executions: make(map[string]*execution), recent: list.New(),
		remembered: newMemory(limits.MaxRemembered), reached: make(map[string]time.Time),
	}
}

// Add takes lines that arrive now, in any order, and returns what came of their executions.
func (a *Assembler) Add(now time.Time, lines ...Line) []Batch {
	touched := make(map[*execution]bool)
	var order []*execution
	for i := range lines {
		if x := a.add(now, &lines[i]); x != nil && !touched[x] {
			touched[x] = true
			order = append(order, x)
		}
	}
	for _, x := range order {
		if a.executions[x.about.ARN] == x { // and was not given up meanwhile
			a.advance(x, now)
		}
	}
	return a.taken()
}

// add is nil when there is nothing new.
func (a *Assembler) add(now time.Time, l *Line) *execution {
	a.stats.Lines++
	x, held := a.executions[l.ExecutionARN]
	former, known := a.remembered.get(l.ExecutionARN)
	if held {
		former, known = x.former, x.former != nil
	}
	if known {
		former.place(l.Placed)
	}
	switch {
	case known && former.has(l.ID):
		a.stats.Duplicates++
		return nil
	case known && l.ID <= former.Last:
		a.addLate(former, l)
		return nil
	case !held:
		x = a.begin(l, former)
	}
	if !x.take(now, l) {
		a.stats.Duplicates++
		return nil
	}
	a.stats.Bytes += cost(&l.Event)
	a.stats.Waiting++
	a.recent.MoveToBack(x.place)
	a.bound()
	return x
}

// begin holds an execution. One that was given up or had ended goes on behind the last event that was handed over.
func (a *Assembler) begin(l *Line, record *Record) *execution {
	x := newExecution(convert.Execution{ARN: l.ExecutionARN}, a.options)
	x.source, x.first = l.Source, l.Placed
	if record != nil {
		x.resume(record)
		a.remembered.drop(spanid.Trace(l.ExecutionARN))
	}
	x.place = a.recent.PushBack(x)
	a.executions[l.ExecutionARN] = x
	return x
}

// addLate puts out the log record of a line whose execution is not held any more, and leaves its spans as they are.
func (a *Assembler) addLate(record *Record, l *Line) {
	a.stats.Late++
	record.fill(l.ID)
	x := newExecution(convert.Execution{ARN: l.ExecutionARN, Started: record.Started}, a.options)
	out := x.convert([]history.LogEvent{l.LogEvent})
	a.out = append(a.out, Batch{x.about, convert.Output{Records: out.Records}})
}

// Advance returns what the time that has passed gives.
func (a *Assembler) Advance(now time.Time) []Batch {
	for at := a.recent.Front(); at != nil; {
		x := at.Value.(*execution)
		at = at.Next()
		a.advance(x, now)
	}
	return a.taken()
}

func (a *Assembler) advance(x *execution, now time.Time) {
	heard := a.heard(x.source, now)
	a.stats.Waiting -= x.held()
	a.put(x, x.advance(now, heard, a.limits.ReorderWindow, &a.stats))
	a.stats.Waiting += x.held()
	switch {
	case x.complete() && !heard.Before(x.ended.Add(a.limits.ReorderWindow)):
		a.forget(x)
	case !heard.Before(x.heard.Add(a.silence(x))):
		a.stats.Silent++
		a.giveUp(x)
	}
}

// taken is what is to be handed over.
func (a *Assembler) taken() []Batch {
	out := a.out
	a.out = nil
	return out
}

// Reached says that all that a source had at the time was added. From then on nothing that is missing in lines of the
// source is given up before a later time was reached: that a source cannot be read is no loss of lines.
func (a *Assembler) Reached(source string, at time.Time) { a.reached[source] = at }

// Left says that a source is not read any more: for what is missing in its lines, time passes again.
func (a *Assembler) Left(source string) { delete(a.reached, source) }

// heard is up to when what the source has is known.
func (a *Assembler) heard(source string, now time.Time) time.Time {
	if at, ok := a.reached[source]; ok && at.Before(now) {
		return at
	}
	return now
}

func (a *Assembler) silence(x *execution) time.Duration {
	if x.express {
		return a.limits.ExpressSilence
	}
	return a.limits.StandardSilence
}

func (a *Assembler) put(x *execution, out convert.Output) {
	if len(out.Spans)+len(out.Records) > 0 {
		a.out = append(a.out, Batch{x.about, out})
	}
}

// Stats tells what happened so far.
func (a *Assembler) Stats() Stats {
	s := a.stats
	s.Executions = len(a.executions)
	return s
}
