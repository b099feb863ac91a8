package plugin

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/coder/quartz"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/grafana-plugin/backend/watch"
	"github.com/steptrace/steptrace/spanid"
)

func TestWhoMaySubscribe(t *testing.T) {
	i := &Instance{}
	for path, want := range map[string]backend.SubscribeStreamStatus{
		"changes/all": backend.SubscribeStreamStatusOK,
		"changes/0123456789abcdef0123456789abcdef": backend.SubscribeStreamStatusOK,
		"changes/0123456789ABCDEF0123456789ABCDEF": backend.SubscribeStreamStatusNotFound,
		"changes/0123456789abcdef0123456789abcdeg": backend.SubscribeStreamStatusNotFound,
		"changes/0123456789abcdef0123456789abcde":  backend.SubscribeStreamStatusNotFound,
		"changes/": backend.SubscribeStreamStatusNotFound,
		"all":      backend.SubscribeStreamStatusNotFound,
		"":         backend.SubscribeStreamStatusNotFound,
		"changes/all/../" + strings.Repeat("x", 1<<16): backend.SubscribeStreamStatusNotFound,
	} {
		got, err := i.SubscribeStream(t.Context(), &backend.SubscribeStreamRequest{Path: path})
		require.NoError(t, err)
		require.Equal(t, want, got.Status, "%.100s", path)
		if want != backend.SubscribeStreamStatusOK {
			require.Error(t, i.RunStream(t.Context(), &backend.RunStreamRequest{Path: path}, nil))
		}
	}
	refused, err := i.PublishStream(t.Context(), &backend.PublishStreamRequest{Path: "changes/all"})
	require.NoError(t, err)
	require.Equal(t, backend.PublishStreamStatusPermissionDenied, refused.Status)
}

// packets are what a stream sends.
type packets chan *data.Frame

func (p packets) Send(packet *backend.StreamPacket) error {
	frame := &data.Frame{}
	if err := json.Unmarshal(packet.Data, frame); err != nil {
		return err
	}
	p <- frame
	return nil
}

func (p packets) next(t *testing.T) []string {
	t.Helper()
	select {
	case frame := <-p:
		return rowsOf(frame, "executions", "events", "spans")
	case <-time.After(30 * time.Second):
		t.Fatal("nothing was sent")
		return nil
	}
}

func TestChangesAreStreamed(t *testing.T) {
	s := newStored(t)
	for name, path := range map[string]string{
		"any": "changes/all", "one": "changes/" + spanid.Trace(of("orders", "one").ARN).String(),
	} {
		t.Run(name, func(t *testing.T) {
			clock := s.clock.(*quartz.Mock)
			ctx, cancel := context.WithCancel(t.Context())
			sent, ended := make(packets, 10), make(chan error, 1)
			trap := clock.Trap().NewTicker("watch")
			go func() {
				ended <- s.RunStream(ctx, &backend.RunStreamRequest{Path: path}, backend.NewStreamSender(sent))
			}()
			trap.MustWait(t.Context()).MustRelease(t.Context())
			trap.Close()
			first := sent.next(t)
			tale := of("orders", name)
			tale.starts(590).enters(590, "Fetch")
			s.store(tale.Execution, tale.events...)
			clock.Advance(watch.Interval).MustWait(t.Context())
			second := sent.next(t)
			require.NotEqual(t, first, second)
			if name == "one" {
				require.Equal(t, []string{"0 0 0"}, first)
				require.Equal(t, []string{"1 2 0"}, second)
			}
			clock.Advance(watch.Interval).MustWait(t.Context())
			cancel()
			require.ErrorIs(t, <-ended, context.Canceled)
			require.Empty(t, sent, "nothing has changed")
		})
	}
}
