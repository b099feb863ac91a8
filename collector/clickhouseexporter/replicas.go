package clickhouseexporter

import (
	"sync"
	"time"

	"github.com/coder/quartz"
)

// coolDown is how long an endpoint that failed is not tried while another works.
const coolDown = 30 * time.Second

// replica is one of the endpoints of a store.
type replica struct {
	target
	migrating sync.Mutex
	migrated  bool // under migrating

	restsUntil time.Time // under replicas.mu
}

// replicas remembers which endpoints work.
type replicas struct {
	clock quartz.Clock

	mu   sync.Mutex
	all  []*replica
	last int // that worked
}

// order is in which order to try them: the last one that worked, the ones after it, and then those that failed lately.
func (r *replicas) order() []*replica {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clock.Now()
	ready, resting := make([]*replica, 0, len(r.all)), []*replica(nil)
	for i := range r.all {
		one := r.all[(r.last+i)%len(r.all)]
		if now.Before(one.restsUntil) {
			resting = append(resting, one)
		} else {
			ready = append(ready, one)
		}
	}
	return append(ready, resting...)
}

func (r *replicas) worked(which *replica) {
	r.mu.Lock()
	defer r.mu.Unlock()
	which.restsUntil = time.Time{}
	for i, one := range r.all {
		if one == which {
			r.last = i
		}
	}
}

func (r *replicas) failed(which *replica) {
	r.mu.Lock()
	defer r.mu.Unlock()
	which.restsUntil = r.clock.Now().Add(coolDown)
}
