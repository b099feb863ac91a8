package plugin

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/steptrace/steptrace/grafana-plugin/backend/watch"
	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/store"
)

// Paths of channels: changes/TRACE-ID and changes/all.
const (
	changesPath = "changes/"
	allChanges  = "all"
)

// watched is what a channel is about: a trace id, or allChanges.
func watched(path string) (string, bool) {
	what, found := strings.CutPrefix(path, changesPath)
	if !found || what == allChanges {
		return what, found
	}
	return what, len(what) == 2*len(spanid.TraceID{}) && strings.Trim(what, "0123456789abcdef") == ""
}

// SubscribeStream lets everybody who may query the data source subscribe to its changes.
func (i *Instance) SubscribeStream(
	_ context.Context, req *backend.SubscribeStreamRequest,
) (*backend.SubscribeStreamResponse, error) {
	if _, known := watched(req.Path); !known {
		return &backend.SubscribeStreamResponse{Status: backend.SubscribeStreamStatusNotFound}, nil
	}
	return &backend.SubscribeStreamResponse{Status: backend.SubscribeStreamStatusOK}, nil
}

// PublishStream refuses: nobody tells the store anything through Grafana.
func (i *Instance) PublishStream(
	context.Context, *backend.PublishStreamRequest,
) (*backend.PublishStreamResponse, error) {
	return &backend.PublishStreamResponse{Status: backend.PublishStreamStatusPermissionDenied}, nil
}

// RunStream sends a frame when something has changed, until its context ends. Grafana runs one for all subscribers of a
// channel.
func (i *Instance) RunStream(ctx context.Context, req *backend.RunStreamRequest, sender *backend.StreamSender) error {
	what, known := watched(req.Path)
	if !known {
		return fmt.Errorf("there is no channel %.100q: there are %sTRACE-ID, with 32 hex digits in lower case, and %s%s",
			req.Path, changesPath, changesPath, allChanges)
	}
	w := watch.Watch{Clock: i.clock, Count: i.db.RecentCounts, Sliding: true, Logger: backend.Logger.With("channel", what)}
	if what != allChanges {
		w.Sliding = false
		w.Count = func(ctx context.Context, _ time.Time) (store.Counts, error) { return i.db.TraceCounts(ctx, what) }
	}
	return w.Run(ctx, func(at time.Time, c store.Counts) error {
		return sender.SendFrame(changeFrame(at, c), data.IncludeAll)
	})
}

func changeFrame(at time.Time, c store.Counts) *data.Frame {
	return data.NewFrame("changes",
		data.NewField("time", nil, []time.Time{at}),
		data.NewField("executions", nil, []int64{int64(c.Executions)}),
		data.NewField("events", nil, []int64{int64(c.Events)}),
		data.NewField("spans", nil, []int64{int64(c.Spans)}))
}
