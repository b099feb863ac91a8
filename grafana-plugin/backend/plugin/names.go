package plugin

import (
	"context"
	"time"

	"github.com/steptrace/steptrace/grafana-plugin/backend/frame"
	"github.com/steptrace/steptrace/grafana-plugin/backend/query"
)

// namesFor is how long the names that state machines share are taken for known: state machines are made rarely.
const namesFor = time.Minute

// knownNames are the names that state machines shared at a time.
type knownNames struct {
	names frame.Names
	at    time.Time
}

// sharedNames are those that labels cannot tell state machines apart by. Only series and numbers have labels.
func (i *Instance) sharedNames(ctx context.Context, q query.Query) (frame.Names, error) {
	if q.Format == query.Table || q.Type == query.SQL || q.Type == query.Calls {
		return nil, nil
	}
	now := i.clock.Now()
	if known := i.names.Load(); known != nil && now.Sub(known.at) < namesFor {
		return known.names, nil
	}
	names, err := i.db.SharedNames(ctx)
	if err != nil {
		return nil, err
	}
	i.names.Store(&knownNames{names, now})
	return names, nil
}
