package vendedlogsreceiver

import (
	"context"
	"errors"
	"net"
	"net/http"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componentstatus"

	"github.com/steptrace/steptrace/agent/vendedlogs/push"
)

// server listens for pushed lines.
type server struct {
	handler *push.Handler
	http    *http.Server
	cancel  context.CancelFunc // ends the requests that wait
	done    chan struct{}
}

func (r *reader) listen(ctx context.Context, host component.Host, cfg *HTTPConfig) (*server, error) {
	s := &server{done: make(chan struct{})}
	s.handler = push.New(push.Config{
		AccessKey: string(cfg.AccessKey), MaxBytes: cfg.ServerConfig.MaxRequestBodySize, MaxPlain: cfg.MaxDecompressedBytes,
		Patience: cfg.Patience, AtOnce: cfg.MaxRequests,
	}, r.intake, r.spool, r.clock, r.logger)
	web, err := cfg.ServerConfig.ToServer(ctx, host.GetExtensions(), r.telemetry, s.handler)
	if err != nil {
		return nil, err
	}
	listener, err := cfg.ServerConfig.ToListener(ctx)
	if err != nil {
		return nil, err
	}
	r.logger.Info("listening for log lines", "endpoint", listener.Addr().String())
	// The start's context ends with the start.
	requests, cancel := context.WithCancel(context.WithoutCancel(ctx))
	web.BaseContext = func(net.Listener) context.Context { return requests }
	s.http, s.cancel = web, cancel
	go func() {
		defer close(s.done)
		if err := web.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			componentstatus.ReportStatus(host, componentstatus.NewFatalErrorEvent(err))
		}
	}()
	return s, nil
}

// close answers the requests that wait, as not taken, and ends the others when the context does.
func (s *server) close(ctx context.Context) error {
	s.cancel()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}
	<-s.done
	return err
}
