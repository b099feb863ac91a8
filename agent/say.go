package agent

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"log/slog"
	"strings"

	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/steptrace/steptrace/agent/convert"
	"github.com/steptrace/steptrace/agent/stepfunctions"
	"github.com/steptrace/steptrace/agent/telemetry"
)

// unsaid are the definitions that have been learned and not yet been taken by the consumer.
type unsaid struct {
	wanted bool
	logger *slog.Logger
	queue  []telemetry.Definition
	bytes  int               // of the texts in the queue
	known  map[[32]byte]bool // what is in the queue, or was
	rest   rest
}

// maxUnsaid bounds the texts that wait while the consumer refuses them, in bytes. One is 1 MiB at most.
const maxUnsaid = 64 << 20

func newUnsaid(logger *slog.Logger, wanted bool) unsaid {
	return unsaid{wanted: wanted, logger: logger, known: make(map[[32]byte]bool)}
}

// add queues a definition that the execution uses, once in the life of the process. What a version has it got from its
// state machine, and is said of that; what a Map Run's children have is a part of the definition.
func (u *unsaid) add(e convert.Execution, d stepfunctions.Definition) {
	if !u.wanted || d.Text == "" || e.MapRunARN != "" || strings.Contains(e.StateMachineARN, "/") {
		return
	}
	e.StateMachineARN = unqualified(e.StateMachineARN)
	id := digest(e.StateMachineARN, d.Revision, d.Text)
	if u.known[id] {
		return
	}
	u.known[id] = true
	u.queue = append(u.queue, telemetry.Definition{
		Execution: e, Text: d.Text, Revision: d.Revision, Type: d.Type, Since: d.Since,
	})
	u.bytes += len(d.Text)
	for u.bytes > maxUnsaid {
		dropped := u.take()
		u.logger.Warn("too many definitions wait for the consumer, one is dropped until the agent starts anew",
			"state_machine", dropped.Execution.StateMachineARN, "revision", dropped.Revision)
	}
}

func (u *unsaid) take() telemetry.Definition {
	first := u.queue[0]
	u.queue[0] = telemetry.Definition{} // its text is not to be kept by the array behind
	u.queue = u.queue[1:]
	u.bytes -= len(first.Text)
	return first
}

// digest tells lists of texts apart.
func digest(texts ...string) (sum [32]byte) {
	var all []byte
	for _, text := range texts {
		all = binary.BigEndian.AppendUint64(all, uint64(len(text)))
		all = append(all, text...)
	}
	return sha256.Sum256(all)
}

// unqualified is the state machine's ARN without version or alias:
// arn:PARTITION:states:REGION:ACCOUNT:stateMachine:NAME:QUALIFIER.
func unqualified(arn string) string {
	parts := strings.SplitN(arn, ":", 8)
	return strings.Join(parts[:min(len(parts), 7)], ":")
}

// sayDefinitions hands over the definitions that were learned. One that the consumer refuses is offered again after
// growing pauses; executions do not wait for it.
func (a *Agent) sayDefinitions(ctx context.Context) {
	u := &a.definitions.unsaid
	for len(u.queue) > 0 && !u.rest.lasts(a.parts.Clock.Now()) {
		logs := plog.NewLogs()
		telemetry.AppendDefinition(logs, &u.queue[0], a.parts.Clock.Now())
		err := a.parts.Logs.ConsumeLogs(ctx, logs)
		switch of := u.queue[0].Execution.StateMachineARN; {
		case err == nil:
		case consumererror.IsPermanent(err):
			u.logger.Error("consumer refuses for good, a definition is dropped", "state_machine", of, "error", err)
		default:
			if a.lay(&u.rest, err) && ctx.Err() == nil {
				u.logger.Warn("a definition is kept until the consumer takes it", "state_machine", of, "error", err)
			}
			return
		}
		u.take()
		u.rest = rest{}
	}
}
