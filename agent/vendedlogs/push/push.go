// Package push takes log lines over HTTP: from Amazon Data Firehose, as its "HTTP endpoint delivery request and
// response specifications" have it, and from whatever posts the event that a Lambda function gets of a subscription.
package push

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/coder/quartz"

	"github.com/steptrace/steptrace/agent/vendedlogs"
	"github.com/steptrace/steptrace/agent/vendedlogs/intake"
	"github.com/steptrace/steptrace/agent/vendedlogs/spool"
)

// Config bounds what a request may be.
type Config struct {
	AccessKey string        // empty: none is asked for
	MaxBytes  int64         // of a body
	MaxPlain  int64         // of all that is compressed in it, decompressed
	Patience  time.Duration // how long a request waits for what came of it to be accepted
	AtOnce    int           // requests that are taken at the same time
}

// Handler takes requests.
type Handler struct {
	cfg    Config
	key    [sha256.Size]byte
	intake *intake.Intake
	spool  *spool.Spool
	clock  quartz.Clock
	logger *slog.Logger
	places chan struct{}
	ready  chan struct{} // closed when requests may be taken

	bad, refused intake.Sparsely
}

// Source is the source of lines that come this way.
const Source = ""

// New makes a handler. The intake's steps have to go on while it serves.
func New(cfg Config, in *intake.Intake, kept *spool.Spool, clock quartz.Clock, logger *slog.Logger) *Handler {
	return &Handler{
		cfg: cfg, key: sha256.Sum256([]byte(cfg.AccessKey)), intake: in, spool: kept, clock: clock, logger: logger,
		places: make(chan struct{}, max(cfg.AtOnce, 1)), ready: make(chan struct{}),
	}
}

// Open lets requests in, once what was kept of earlier ones has been taken. Until then they wait.
func (h *Handler) Open() { close(h.ready) }

// ServeHTTP answers 200 when the consumer has accepted all that came of the request and the rest, lines that wait for
// others and of executions that have not ended, is on disk. Firehose sends a request again whatever else is answered,
// but for 413, which it gives up.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := r.Header.Get("X-Amz-Firehose-Request-Id")
	status, err := h.allowed(r)
	if err == nil {
		id, status, err = h.take(w, r, id)
	}
	if err != nil {
		if count, say := h.refused.Say(h.clock.Now(), 1); say {
			h.logger.Warn("log lines sent over HTTP are not taken", "count", count, "status", status, "request_id", clip(id),
				"one", err)
		}
	}
	h.answer(w, id, status, err)
}

func (h *Handler) allowed(r *http.Request) (int, error) {
	if r.Method != http.MethodPost {
		return http.StatusMethodNotAllowed, fmt.Errorf("method %.20q is not POST", r.Method)
	}
	key := r.Header.Get("X-Amz-Firehose-Access-Key")
	if key == "" {
		key, _ = strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	}
	sent := sha256.Sum256([]byte(key))
	if h.cfg.AccessKey != "" && subtle.ConstantTimeCompare(sent[:], h.key[:]) != 1 {
		return http.StatusUnauthorized, errors.New("the access key is missing or wrong")
	}
	return 0, nil
}

// take reads the request and waits until the consumer has accepted it.
func (h *Handler) take(w http.ResponseWriter, r *http.Request, id string) (string, int, error) {
	select {
	case h.places <- struct{}{}:
		defer func() { <-h.places }()
	default:
		return id, http.StatusServiceUnavailable, fmt.Errorf("%d requests wait already", cap(h.places))
	}
	body, err := h.read(w, r)
	if err != nil {
		return id, statusOf(err), err
	}
	d, err := parse(body, h.cfg.MaxPlain)
	if d.requestID != "" {
		id = d.requestID
	}
	if err != nil {
		return id, statusOf(err), err
	}
	if count, say := h.bad.Say(h.clock.Now(), len(d.bad)); say && len(d.bad) > 0 {
		h.logger.Warn("records are passed over", "count", count, "request_id", clip(id), "one", d.bad[0])
	}
	if err := h.accepted(r.Context(), d.messages); err != nil {
		return id, http.StatusServiceUnavailable, err
	}
	return id, http.StatusOK, nil
}

func (h *Handler) accepted(request context.Context, messages []vendedlogs.Message) error {
	ctx, cancel := context.WithCancel(request)
	defer cancel()
	timer := h.clock.AfterFunc(h.cfg.Patience, cancel, "vendedlogs", "push")
	defer timer.Stop()
	err := h.keep(ctx, messages)
	if err == nil {
		err = h.intake.Take(ctx, Source, messages)
	}
	if err == nil {
		err = h.intake.Settle(ctx)
	}
	if errors.Is(err, context.Canceled) && request.Err() == nil {
		return fmt.Errorf("not all was accepted within %s", h.cfg.Patience)
	}
	if errors.Is(err, context.Canceled) {
		return errors.New("the receiver stops, or the sender has gone")
	}
	return err
}

// keep puts the log events into the spool before they are taken.
func (h *Handler) keep(ctx context.Context, messages []vendedlogs.Message) error {
	select {
	case <-h.ready:
	case <-ctx.Done():
		return ctx.Err()
	}
	now := h.clock.Now()
	for i := range messages {
		messages[i].Arrived = now
	}
	return h.spool.Append(now, messages)
}

func statusOf(err error) int {
	var large *http.MaxBytesError
	if errors.As(err, &large) || errors.Is(err, vendedlogs.ErrTooLarge) {
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusBadRequest
}

// answer writes what Firehose wants to read.
func (h *Handler) answer(w http.ResponseWriter, id string, status int, err error) {
	out := struct {
		RequestID string `json:"requestId"`
		Timestamp int64  `json:"timestamp"`
		Error     string `json:"errorMessage,omitempty"`
	}{RequestID: id, Timestamp: h.clock.Now().UnixMilli()}
	if err != nil {
		out.Error = err.Error()
	}
	switch status {
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", http.MethodPost)
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(out) // who does not read the answer sends again
}

// clip bounds what a sender can have logged.
func clip(id string) string {
	const most = 64
	if len(id) > most {
		return id[:most]
	}
	return id
}
