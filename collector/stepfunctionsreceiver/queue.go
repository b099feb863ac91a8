package stepfunctionsreceiver

import (
	"net/url"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/coder/quartz"
	"go.uber.org/zap"

	"github.com/steptrace/steptrace/agent"
	"github.com/steptrace/steptrace/agent/statusqueue"
	"github.com/steptrace/steptrace/agent/stepfunctions"
	"github.com/steptrace/steptrace/collector/zaplog"
)

// queue makes the reader of the queue, which tells each agent what concerns it.
func (f *follower) queue(base aws.Config, agents map[place]*agent.Agent) (*statusqueue.Queue, error) {
	d := &dispatcher{agents: agents, logger: f.telemetry.Logger, said: make(map[place]bool)}
	return statusqueue.New(base, statusqueue.Config{
		URL: f.cfg.QueueURL, Notify: d.notify, Clock: quartz.NewReal(), Logger: zaplog.New(f.telemetry.Logger),
		Meter: f.meter(),
	}, func(o *sqs.Options) {
		if f.cfg.Endpoint != "" {
			o.BaseEndpoint = aws.String(f.cfg.Endpoint)
		}
		if region := queueRegion(f.cfg.QueueURL); region != "" {
			o.Region = region
		}
	})
}

// queueRegion is the region in the URL of a queue at AWS: https://sqs.REGION.amazonaws.com/ACCOUNT/NAME.
func queueRegion(queueURL string) string {
	u, err := url.Parse(queueURL)
	if err != nil {
		return ""
	}
	service, rest, _ := strings.Cut(u.Hostname(), ".")
	region, domain, _ := strings.Cut(rest, ".")
	if service != "sqs" || !strings.HasPrefix(domain, "amazonaws.com") {
		return ""
	}
	return region
}

// dispatcher gives notices to the agents that follow their accounts and regions.
type dispatcher struct {
	agents map[place]*agent.Agent
	logger *zap.Logger

	mu   sync.Mutex
	said map[place]bool
}

// notify passes over what nobody follows: a message that stays would come again for ever.
func (d *dispatcher) notify(e stepfunctions.Execution, done func(handled bool)) bool {
	parsed, _ := arn.Parse(e.ARN) // the queue has looked
	at := place{parsed.AccountID, parsed.Region}
	for _, p := range []place{at, {region: at.region}} {
		if a := d.agents[p]; a != nil {
			return a.Notify(agent.Notice{Execution: e, Done: done})
		}
	}
	d.foreign(at, e.ARN)
	done(true)
	return true
}

func (d *dispatcher) foreign(p place, execution string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.said[p] {
		d.said[p] = true
		d.logger.Warn("the queue tells of executions where nothing is followed; add account and region to accounts",
			zap.String("account", p.account), zap.String("region", p.region), zap.String("execution", execution))
	}
}
