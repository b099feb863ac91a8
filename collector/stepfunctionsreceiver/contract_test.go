package stepfunctionsreceiver_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pipeline"
	"go.opentelemetry.io/collector/receiver/receivertest"

	"github.com/steptrace/steptrace/agent/stepfunctions/stepfunctionstest"
	"github.com/steptrace/steptrace/collector/sharedreceiver/sharedreceivertest"
	"github.com/steptrace/steptrace/collector/stepfunctionsreceiver"
)

// TestContract lets the Collector's contract checker attack the receiver with random consumer errors: every event must
// arrive, and none twice.
func TestContract(t *testing.T) {
	api, e, cfg := setUp(t)
	e.Delete() // the checker knows only its own
	receivertest.CheckConsumeContract(receivertest.CheckConsumeContractParams{
		T: t, Factory: sharedreceivertest.Stamping(stepfunctionsreceiver.NewFactory()), Signal: pipeline.SignalLogs, Config: cfg,
		Generator:     &generator{t: t, api: api, machine: api.AddStateMachine("contract", "{}")},
		GenerateCount: 40,
	})
}

// generator runs an execution of four events at each call.
type generator struct {
	t       *testing.T
	api     *stepfunctionstest.Server
	machine string
	count   atomic.Int64
}

func (*generator) Start() {}
func (*generator) Stop()  {}

func (g *generator) Generate() []receivertest.UniqueIDAttrVal {
	name := fmt.Sprintf("run-%d", g.count.Add(1))
	e := g.api.Start(g.machine, name, time.Now())
	e.Append(g.t, started)
	e.Append(g.t, finished)
	ids := make([]receivertest.UniqueIDAttrVal, 0, 4)
	for id := range int64(4) {
		ids = append(ids, sharedreceivertest.UniqueID(e.ARN, id+1))
	}
	return ids
}
