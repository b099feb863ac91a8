package lambda

import (
	"context"
	"sync"
	"time"

	"github.com/coder/quartz"

	"github.com/steptrace/steptrace/sandbox/lambda/environment"
)

// settleGrace is how long an invocation waits for an environment that has answered and is about to be free, before
// it starts another: on AWS the way to the caller and back takes longer than that.
const settleGrace = 10 * time.Millisecond

// instance is one environment with its log stream.
type instance struct {
	env    *environment.Environment
	stream *logStream
	expiry *quartz.Timer // runs while the instance is idle
}

// pool keeps the environments of one version: an environment runs one invocation at a time and is used again.
type pool struct {
	service *Service
	version *version
	log     *logGroup

	mu       sync.Mutex
	idle     []*instance // the most recently used last
	settling int         // have answered, but still work
	freed    chan struct{}
	busy     sync.WaitGroup
	retired  bool
}

func newPool(s *Service, v *version, log *logGroup) *pool {
	return &pool{service: s, version: v, log: log, freed: make(chan struct{})}
}

// begin announces a run; it fails when the pool was retired after the version had been looked up.
func (p *pool) begin() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.retired {
		return false
	}
	p.busy.Add(1)
	return true
}

// take is an idle environment, or nil when a new one is needed.
func (p *pool) take(ctx context.Context) *instance {
	timer := p.service.cfg.Clock.NewTimer(settleGrace)
	defer timer.Stop()
	for {
		i, freed := p.pop()
		if i != nil || freed == nil {
			return i
		}
		select {
		case <-freed:
		case <-timer.C:
			return nil
		case <-ctx.Done():
			return nil
		}
	}
}

// pop is an idle environment, or what to wait for when one is about to be free.
func (p *pool) pop() (*instance, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for n := len(p.idle); n > 0; n = len(p.idle) {
		i := p.idle[n-1]
		p.idle = p.idle[:n-1]
		i.expiry.Stop()
		if i.env.Usable() {
			return i, nil
		}
		p.discard(i, environment.ReasonFailure)
	}
	if p.settling > 0 {
		return nil, p.freed
	}
	return nil, nil
}

// discard shuts an environment down in the background; the pool's lock is held or the run not yet over.
func (p *pool) discard(i *instance, reason environment.Reason) {
	p.busy.Go(func() { i.env.Shutdown(p.service.hard, reason) })
}

// settle says that a run has answered (+1) or is over (-1).
func (p *pool) settle(change int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.settling += change
	close(p.freed)
	p.freed = make(chan struct{})
}

// give returns a frozen environment.
func (p *pool) give(i *instance) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.retired {
		p.discard(i, environment.ReasonSpindown)
		return
	}
	i.expiry = p.service.cfg.Clock.AfterFunc(p.service.cfg.IdleTimeout, func() { p.expire(i) })
	p.idle = append(p.idle, i)
}

// expire shuts an environment down that has been idle for too long.
func (p *pool) expire(expired *instance) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for n, i := range p.idle {
		if i == expired {
			p.idle = append(p.idle[:n], p.idle[n+1:]...)
			p.discard(i, environment.ReasonSpindown)
			return
		}
	}
}

// retire shuts the idle environments down and waits for them and for the busy ones.
func (p *pool) retire() {
	p.mu.Lock()
	p.retired = true
	idle := p.idle
	p.idle = nil
	for _, i := range idle {
		i.expiry.Stop()
		p.discard(i, environment.ReasonSpindown)
	}
	p.mu.Unlock()
	p.busy.Wait()
}
