package interpreter

import (
	"context"
	"slices"
)

// noteMapRun keeps account of the Map Runs that are open.
func (h *History) noteMapRun(e Event) {
	switch e.Type {
	case "MapRunStarted", "MapRunRedriven":
		h.mapRuns = append(h.mapRuns, e.ID)
	case "MapRunSucceeded", "MapRunFailed":
		h.mapRuns = slices.DeleteFunc(h.mapRuns, func(started int64) bool { return started == e.PreviousID })
	}
}

// abortMapRun writes that a Map Run, started by the given event, has been aborted because of another.
func (h *History) abortMapRun(ctx context.Context, cause, started int64) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, err := h.tryAdd(ctx, cause, "MapRunAborted", nil)
	if err == nil {
		h.mapRuns = slices.DeleteFunc(h.mapRuns, func(open int64) bool { return open == started })
	}
	return err
}

// abortMapRuns writes that the Map Runs that are open end with the execution. The last event must still have room.
func (h *History) abortMapRuns() {
	for _, started := range h.mapRuns {
		if len(h.events) < MaxEvents-1 {
			h.add(started, "MapRunAborted", nil)
		}
	}
	h.mapRuns = nil
}
