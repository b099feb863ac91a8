package vendedlogsreceiver_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pipeline"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/receivertest"

	"github.com/steptrace/steptrace/agent/cloudwatchlogs/cloudwatchlogstest"
	"github.com/steptrace/steptrace/agent/vendedlogs/vendedlogstest"
	"github.com/steptrace/steptrace/collector/vendedlogsreceiver"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// TestContract lets the Collector's contract checker attack the receiver with random consumer errors: every event must
// arrive, and none twice.
func TestContract(t *testing.T) {
	api, cfg := polling(t)
	receivertest.CheckConsumeContract(receivertest.CheckConsumeContractParams{
		T: t, Factory: stamping(vendedlogsreceiver.NewFactory()), Signal: pipeline.SignalLogs, Config: cfg,
		Generator: &generator{t: t, api: api}, GenerateCount: 40,
	})
}

// generator logs an execution of four events at each call.
type generator struct {
	t     *testing.T
	api   *cloudwatchlogstest.Server
	count atomic.Int64
}

func (*generator) Start() {}
func (*generator) Stop()  {}

func (g *generator) Generate() []receivertest.UniqueIDAttrVal {
	execution := fmt.Sprint(arn, g.count.Add(1))
	var ids []receivertest.UniqueIDAttrVal
	for i, l := range vendedlogstest.Lines(g.t, execution, vendedlogstest.Simple, time.Now()) {
		g.api.Put(group, "states/resize/1", l.At, l.Text)
		ids = append(ids, uniqueID(execution, int64(i+1)))
	}
	return ids
}

func uniqueID(execution string, event int64) receivertest.UniqueIDAttrVal {
	return receivertest.UniqueIDAttrVal(fmt.Sprintf("%s/%d", execution, event))
}

// stamping gives each record the attribute by which the checker tells records apart.
func stamping(f receiver.Factory) receiver.Factory {
	create := func(
		ctx context.Context, set receiver.Settings, cfg component.Config, next consumer.Logs,
	) (receiver.Logs, error) {
		stamped, err := consumer.NewLogs(func(ctx context.Context, logs plog.Logs) error {
			stamp(logs)
			return next.ConsumeLogs(ctx, logs)
		})
		if err != nil {
			return nil, err
		}
		return f.CreateLogs(ctx, set, cfg, stamped)
	}
	return receiver.NewFactory(f.Type(), f.CreateDefaultConfig, receiver.WithLogs(create, f.LogsStability()))
}

func stamp(logs plog.Logs) {
	for _, rl := range logs.ResourceLogs().All() {
		for _, sl := range rl.ScopeLogs().All() {
			for _, r := range sl.LogRecords().All() {
				execution, _ := r.Attributes().Get(semconv.ExecutionARN)
				event, _ := r.Attributes().Get(semconv.EventID)
				r.Attributes().PutStr(receivertest.UniqueIDAttrName, string(uniqueID(execution.Str(), event.Int())))
			}
		}
	}
}
