package main

import (
	"fmt"
	"net/http"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
)

// stream sends a channel's frames as server-sent events, for as long as the browser listens.
func (s *source) stream(w http.ResponseWriter, r *http.Request) {
	path := r.PathValue("path")
	subscribed, err := s.instance.SubscribeStream(r.Context(), &backend.SubscribeStreamRequest{
		PluginContext: s.context, Path: path,
	})
	switch {
	case err != nil:
		fail(w, http.StatusInternalServerError, err)
		return
	case subscribed.Status != backend.SubscribeStreamStatusOK:
		fail(w, http.StatusNotFound, fmt.Errorf("subscribe to %s: status %d", path, subscribed.Status))
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	flusher := http.NewResponseController(w)
	if err := flusher.Flush(); err != nil {
		return
	}
	sender := backend.NewStreamSender(packets{w, flusher})
	// The stream's error is that the browser has gone, or the plugin's own, after which the browser connects again.
	_ = s.instance.RunStream(r.Context(), &backend.RunStreamRequest{PluginContext: s.context, Path: path}, sender)
}

type packets struct {
	http.ResponseWriter
	*http.ResponseController
}

// Send writes a frame's JSON, which is a line.
func (p packets) Send(packet *backend.StreamPacket) error {
	if _, err := fmt.Fprintf(p, "data: %s\n\n", packet.Data); err != nil {
		return err
	}
	return p.Flush()
}
