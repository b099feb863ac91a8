package agent

import (
	"context"
	"log/slog"
	"time"

	"github.com/steptrace/steptrace/agent/definition"
	"github.com/steptrace/steptrace/agent/stepfunctions"
)

// definitions keeps state machines' definitions. The API tells them by execution, and slowly (its quota refills once a
// second), so a definition is used for every execution started since the state machine has it and up to the latest
// start for which the API named it.
type definitions struct {
	client *stepfunctions.Client
	logger *slog.Logger
	known  map[string]revision // by the ARN of the state machine, or of its version
	denied bool
}

type revision struct {
	parsed  *definition.Definition
	updated time.Time // since when it holds
	seen    time.Time // the latest start of an execution known to use it
}

// of is the definition that the execution uses; nil when it is not to be had, which conversion can do without.
func (d *definitions) of(ctx context.Context, t *tracker) (*definition.Definition, error) {
	key, started := t.execution.StateMachineARN, t.execution.Started
	if t.version != "" {
		key = t.version
	}
	if r, ok := d.known[key]; ok && !started.Before(r.updated) && !started.After(r.seen) {
		return r.parsed, nil
	}
	if d.denied {
		return nil, nil
	}
	described, err := d.client.Definition(ctx, t.execution.ARN)
	if stepfunctions.IsDenied(err) {
		d.denied = true
		d.logger.Warn("definitions may not be read, branches go without their index; "+
			"allow states:DescribeStateMachineForExecution", "error", err)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return d.keep(key, started, described), nil
}

func (d *definitions) keep(key string, started time.Time, described stepfunctions.Definition) *definition.Definition {
	parsed, err := definition.Parse([]byte(described.Text))
	if err != nil {
		d.logger.Warn("definition cannot be read, branches go without their index", "state_machine", key, "error", err)
	}
	if d.known == nil {
		d.known = make(map[string]revision)
	}
	if r, ok := d.known[key]; !ok || !described.Updated.Before(r.updated) {
		d.known[key] = revision{parsed: parsed, updated: described.Updated, seen: started}
	}
	return parsed
}
