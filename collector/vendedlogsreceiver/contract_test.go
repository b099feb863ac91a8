package vendedlogsreceiver_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pipeline"
	"go.opentelemetry.io/collector/receiver/receivertest"

	"github.com/steptrace/steptrace/agent/cloudwatchlogs/cloudwatchlogstest"
	"github.com/steptrace/steptrace/agent/vendedlogs/vendedlogstest"
	"github.com/steptrace/steptrace/collector/sharedreceiver/sharedreceivertest"
	"github.com/steptrace/steptrace/collector/vendedlogsreceiver"
)

// TestContract lets the Collector's contract checker attack the receiver with random consumer errors: every event must
// arrive, and none twice.
func TestContract(t *testing.T) {
	api, cfg := polling(t)
	receivertest.CheckConsumeContract(receivertest.CheckConsumeContractParams{
		T: t, Factory: sharedreceivertest.Stamping(vendedlogsreceiver.NewFactory()), Signal: pipeline.SignalLogs, Config: cfg,
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
		ids = append(ids, sharedreceivertest.UniqueID(execution, int64(i+1)))
	}
	return ids
}

// TestContractOfPushes is the same of what is pushed. A sender is Firehose's kind: what is not answered 200 it sends again.
func TestContractOfPushes(t *testing.T) {
	url, cfg := listening(t)
	receivertest.CheckConsumeContract(receivertest.CheckConsumeContractParams{
		T: t, Factory: sharedreceivertest.Stamping(vendedlogsreceiver.NewFactory()), Signal: pipeline.SignalLogs, Config: cfg,
		Generator: &pusher{t: t, url: url}, GenerateCount: 12,
	})
}

// pusher pushes an execution of four events at each call.
type pusher struct {
	t     *testing.T
	url   string
	count atomic.Int64
}

func (*pusher) Start() {}
func (*pusher) Stop()  {}

func (p *pusher) Generate() []receivertest.UniqueIDAttrVal {
	execution := fmt.Sprint(arn, p.count.Add(1))
	lines := vendedlogstest.Lines(p.t, execution, vendedlogstest.Simple, time.Now())
	body := firehose(vendedlogstest.Subscription(p.t, lines...))
	require.Eventually(p.t, func() bool { return post(p.t, p.url, "", body) == http.StatusOK }, time.Minute,
		100*time.Millisecond)
	ids := make([]receivertest.UniqueIDAttrVal, len(lines))
	for i := range lines {
		ids[i] = sharedreceivertest.UniqueID(execution, int64(i+1))
	}
	return ids
}
