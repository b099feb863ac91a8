package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/steptrace/steptrace/store/embedded/library"
)

// Server is a running embedded ClickHouse.
type Server struct {
	config   Config
	engine   *engine
	http     *http.Server
	listener net.Listener
	served   chan error // the end of http.Serve
	log      *slog.Logger
	version  string // ClickHouse's, such as "26.7.2.1"
	closing  sync.Once
	closed   error // what the first Close returned
}

// Open starts the engine on a data folder and serves it. ctx bounds the start, not the life, of the server.
//
// Errors say in a sentence what to mend: a missing library, a busy port, an unusable or used or damaged folder.
func Open(ctx context.Context, config Config) (*Server, error) {
	config = config.withDefaults()
	if err := config.validate(); err != nil {
		return nil, err
	}
	libraryPath, err := library.Locate(config.Library)
	if err != nil {
		return nil, err
	}
	listener, err := listen(ctx, config.Listen)
	if err != nil {
		return nil, err
	}
	s, err := start(config, libraryPath, listener)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return s, nil
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w; stop what uses that address, or choose another one such as "+
			"127.0.0.1:0 for any free port", address, err)
	}
	return l, nil
}

func start(config Config, libraryPath string, listener net.Listener) (*Server, error) {
	path, err := prepareFolder(config.Path)
	if err != nil {
		return nil, err
	}
	engine, err := startEngine(config.Logger, libraryPath, path, config.MaxQueries)
	if err != nil {
		return nil, err
	}
	version, err := engine.version()
	if err != nil {
		engine.stop()
		return nil, fmt.Errorf("the embedded ClickHouse does not answer: %w", err)
	}
	if err := engine.checkParts(); err != nil {
		engine.stop()
		return nil, err
	}
	s := &Server{
		config: config, engine: engine, listener: listener, version: version,
		served: make(chan error, 1), log: config.Logger,
	}
	s.http = &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    1 << 20, // parameters travel in the URL
		ErrorLog:          slog.NewLogLogger(config.Logger.Handler(), slog.LevelWarn),
	}
	go func() { s.served <- s.http.Serve(listener) }()
	return s, nil
}

// URL returns where the server is reached, such as "http://127.0.0.1:8123".
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() }

// DSN returns a clickhouse-go DSN for the first user, password included.
func (s *Server) DSN() string {
	user := s.config.Users[0]
	u := url.URL{Scheme: "http", Host: s.listener.Addr().String(), Path: "/default", User: url.User(user.Name)}
	if user.Password != "" {
		u.User = url.UserPassword(user.Name, user.Password)
	}
	return u.String()
}

// Close stops serving, waits for running statements until ctx ends, then kills them, and stops the engine.
// Further calls return what the first one did.
func (s *Server) Close(ctx context.Context) error {
	s.closing.Do(func() { s.closed = s.close(ctx) })
	return s.closed
}

func (s *Server) close(ctx context.Context) error {
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = s.http.Close() // ends the requests' contexts, which kills their statements
	}
	if served := <-s.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	s.engine.stop()
	return err
}

// ServeHTTP answers ClickHouse's HTTP interface.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/":
		s.serveQuery(w, r)
	case "/ping", "/replicas_status":
		w.Header().Set("Content-Type", "text/html; charset=UTF-8")
		io.WriteString(w, "Ok.\n") //nolint:errcheck,gosec // the client went away
	default:
		http.Error(w, "There is no handle "+r.URL.Path+". Use / or /ping.", http.StatusNotFound)
	}
}
