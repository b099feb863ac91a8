package plugin

import (
	"context"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/steptrace/steptrace/grafana-plugin/backend/frame"
	"github.com/steptrace/steptrace/grafana-plugin/backend/query"
)

func (i *Instance) trace(ctx context.Context, q query.Query) (data.Frames, error) {
	t, err := i.db.Trace(ctx, q.Execution)
	if err != nil {
		return nil, err
	}
	return data.Frames{frame.Trace(t)}, nil
}
