package interpreter

import (
	"context"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// performActivity schedules an attempt and waits for a worker to take it and to say how it ended. The task's times run
// from when it is taken.
func (f *flow) performActivity(
	ctx context.Context, v *visit, target integration, p plan,
) (dataflow.Value, error) {
	if !f.activities.exist(target.activity) {
		return nil, f.runtimeError(v, "The activity "+target.activity+" does not exist.")
	}
	if err := f.emit(ctx, target.events.scheduled, target.scheduled(p)); err != nil {
		return nil, err
	}
	task := &assignment{
		token: p.callback.token, input: jsonvalue.Text(p.arguments),
		taken: make(chan string, 1), started: make(chan bool, 1),
	}
	f.activities.schedule(target.activity, task) // else it has been deleted just now, and nobody comes
	var worker string
	select {
	case worker = <-task.taken:
	case <-ctx.Done():
		f.activities.withdraw(target.activity, task)
		return nil, context.Cause(ctx)
	}
	err := f.emit(ctx, target.events.started, &Details{WorkerName: worker})
	task.started <- err == nil
	if err != nil {
		return nil, err
	}
	limits, stop := f.limit(target, p)
	defer stop()
	r, err := limits.wait(ctx, p.callback.replies)
	if err != nil {
		return nil, err
	}
	return f.report(ctx, target, r)
}
