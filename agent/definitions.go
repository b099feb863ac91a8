package agent

import (
	"context"
	"log/slog"
	"math/bits"
	"slices"
	"time"

	"github.com/steptrace/steptrace/agent/awsapi"
	"github.com/steptrace/steptrace/agent/definition"
	"github.com/steptrace/steptrace/agent/stepfunctions"
)

// definitions keeps state machines' definitions. The API tells which one an execution uses, but slowly: that quota
// refills once a second. So it is asked once for a revision. Whether a state machine still has that revision, a quicker
// API tells; then all executions started between use it.
//
// It is not safe for concurrent use.
type definitions struct {
	client *stepfunctions.Client
	logger *slog.Logger
	known  map[string][]revision // by the ARN of the state machine, of its version or of a Map Run; the latest first
	newest map[string]start      // by the same: the latest execution that is known
	denied map[string]bool       // by the same: it may not be asked
	slow   bool                  // the quicker API is denied
	uses   int
	unsaid unsaid
}

// revision is a definition and which executions are known to use it: those started from first to seen.
type revision struct {
	id          string
	parsed      *definition.Definition
	since       time.Time // when the state machine got it
	first, seen time.Time
	used        int // in the order of uses
}

// settled is since when executions surely start with it, if none is known to have done so earlier.
func settled(d stepfunctions.Definition) time.Time {
	if d.Revision == "" { // the one that the state machine was created with follows none
		return d.Since
	}
	return d.Since.Add(settling)
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

const (
	// settling is how long after an update executions may still start with the definition before.
	settling = 10 * time.Second
	// maxRevisions bounds those kept of one state machine.
	maxRevisions = 8
)

func newDefinitions(client *stepfunctions.Client, logger *slog.Logger, say bool) definitions {
	return definitions{
		client: client, logger: logger, known: make(map[string][]revision), newest: make(map[string]start),
		denied: make(map[string]bool), unsaid: newUnsaid(logger, say),
	}
}

// expect notes that the execution has started, before of is asked for any.
func (d *definitions) expect(t *tracker) {
	if key := t.definitionKey(); t.execution.Started.After(d.newest[key].at) {
		d.newest[key] = start{t.execution.Started, t.execution.ARN}
	}
}

// start is when an execution has started.
type start struct {
	at  time.Time
	arn string
}

// of is the definition that the execution uses; nil when it is not to be had, which conversion can do without. ready is
// false when the quota has to refill first.
func (d *definitions) of(ctx context.Context, t *tracker) (parsed *definition.Definition, ready bool, err error) {
	key, started := t.definitionKey(), t.execution.Started
	if r := d.find(key, started, t.immutable()); r != nil {
		return r.parsed, true, nil
	}
	if d.denied[key] {
		return nil, true, nil
	}
	if d.mayBeCurrent(t) {
		if found, ready, err := d.confirm(ctx, t); found || !ready || err != nil {
			return d.parsed(key, started, t.immutable()), ready, err
		}
	}
	return d.ask(ctx, t)
}

// deny asks no more for executions of the state machine, and says so of the 1st, the 2nd, the 4th, … of them.
func (d *definitions) deny(key string, err error) {
	d.denied[key] = true
	if n := len(d.denied); bits.OnesCount(uint(n)) == 1 {
		d.logger.Warn("definitions may not be read, branches go without their index; "+
			"allow states:DescribeStateMachineForExecution", "state_machines", n, "error", err)
	}
}

// ask asks what the execution uses: of a key that nothing is known of first what the latest execution uses, as the
// others are likely to use the same.
func (d *definitions) ask(ctx context.Context, t *tracker) (parsed *definition.Definition, ready bool, err error) {
	key, self := t.definitionKey(), start{t.execution.Started, t.execution.ARN}
	asked := []start{self}
	if latest, ok := d.newest[key]; ok && len(d.known[key]) == 0 && latest != self {
		asked = []start{latest, self}
	}
	for _, x := range asked {
		if d.client.Available(stepfunctions.DescribeStateMachineForExecution) == 0 {
			return nil, false, nil
		}
		described, err := d.client.DefinitionOf(ctx, x.arn)
		switch {
		case awsapi.IsDenied(err):
			d.deny(key, err)
			return nil, true, nil
		case err != nil && x == self:
			return nil, true, err
		case err != nil: // the latest is gone, say
			continue
		}
		parsed = d.keep(t, described, x.at)
		if x == self || d.find(key, self.at, t.immutable()) != nil {
			break
		}
	}
	return parsed, true, nil
}

func (d *definitions) find(key string, started time.Time, immutable bool) *revision {
	for i := range d.known[key] {
		r := &d.known[key][i]
		if immutable || !started.Before(r.first) && !started.After(r.seen) {
			d.uses++
			r.used = d.uses
			return r
		}
	}
	return nil
}

func (d *definitions) parsed(key string, started time.Time, immutable bool) *definition.Definition {
	if r := d.find(key, started, immutable); r != nil {
		return r.parsed
	}
	return nil
}

// mayBeCurrent is true when asking for the state machine's present definition can tell.
func (d *definitions) mayBeCurrent(t *tracker) bool {
	if d.slow || t.execution.MapRunARN != "" {
		return false
	}
	latest := d.known[t.definitionKey()]
	return t.version != "" || len(latest) > 0 && t.execution.Started.After(latest[0].seen)
}

// confirm asks for the present definition. When it is the latest revision known, or a version's, every execution known
// to have started since uses it.
func (d *definitions) confirm(ctx context.Context, t *tracker) (found, ready bool, err error) {
	if d.client.Available(stepfunctions.DescribeStateMachine) == 0 {
		return false, false, nil
	}
	key := t.definitionKey()
	current, err := d.client.CurrentDefinition(ctx, key)
	switch {
	case awsapi.IsDenied(err):
		d.slow = true
		d.logger.Warn("definitions are read slowly; allow states:DescribeStateMachine", "error", err)
		return false, true, nil
	case err != nil:
		return false, true, err
	case t.version != "":
		d.keep(t, current, t.execution.Started)
		return true, true, nil
	}
	latest := &d.known[key][0]
	if current.Revision != latest.id || current.Since.After(latest.since) { // it was updated, or made anew
		return false, true, nil
	}
	latest.seen = d.newest[key].at
	return d.find(key, t.execution.Started, false) != nil, true, nil
}

// keep adds a revision of the definition that t has, too, or widens it to an execution.
func (d *definitions) keep(t *tracker, described stepfunctions.Definition, started time.Time) *definition.Definition {
	key := t.definitionKey()
	for i := range d.known[key] {
		r := &d.known[key][i]
		if r.id == described.Revision && r.since.Equal(described.Since) {
			d.uses++
			r.first, r.seen, r.used = earlier(r.first, started), later(r.seen, started), d.uses
			return r.parsed
		}
	}
	d.unsaid.add(t.execution, described)
	parsed, err := definition.Parse([]byte(described.Text))
	if err != nil {
		d.logger.Warn("definition cannot be read, branches go without their index", "state_machine", key, "error", err)
	}
	d.uses++
	all := append(d.known[key], revision{
		id: described.Revision, parsed: parsed, since: described.Since,
		first: earlier(settled(described), started), seen: started, used: d.uses,
	})
	slices.SortStableFunc(all, func(a, b revision) int { return b.since.Compare(a.since) })
	d.known[key] = bounded(all)
	return parsed
}

// bounded drops the revision that was not used for longest when there are too many, but not the latest one.
func bounded(all []revision) []revision {
	if len(all) <= maxRevisions {
		return all
	}
	oldest := 1
	for i := range all[1:] {
		if all[i+1].used < all[oldest].used {
			oldest = i + 1
		}
	}
	return slices.Delete(all, oldest, oldest+1)
}

// forget drops what will not be asked for any more.
func (d *definitions) forget(key string) {
	delete(d.known, key)
	delete(d.newest, key)
}

// definitionKey is what the execution shares its definition with: a Map Run's other children, the other executions of a
// version or, while it is not updated, of the state machine.
func (t *tracker) definitionKey() string {
	switch {
	case t.execution.MapRunARN != "":
		return t.execution.MapRunARN
	case t.version != "":
		return t.version
	}
	return t.execution.StateMachineARN
}

// immutable is true when what shares the key shares the definition for ever.
func (t *tracker) immutable() bool { return t.execution.MapRunARN != "" || t.version != "" }
