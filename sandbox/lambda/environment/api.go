package environment

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"time"
)

// apiServer is the listener that only this environment's processes know.
type apiServer struct {
	address string // host:port, AWS_LAMBDA_RUNTIME_API
	server  *http.Server
	done    chan struct{}
}

func serve(ctx context.Context, handler http.Handler) (*apiServer, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the Lambda Runtime API: %w", err)
	}
	a := &apiServer{
		address: listener.Addr().String(),
		server:  &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second},
		done:    make(chan struct{}),
	}
	go func() {
		defer close(a.done)
		_ = a.server.Serve(listener) // always ErrServerClosed or the listener's own end
	}()
	return a, nil
}

func (a *apiServer) close() {
	_ = a.server.Close() // its processes are gone
	<-a.done
}

func (e *Environment) routes() http.Handler {
	const runtimeAPI, extensionsAPI = "/2018-06-01/runtime", "/2020-01-01/extension"
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+runtimeAPI+"/invocation/next", e.runtimeNext)
	mux.HandleFunc("POST "+runtimeAPI+"/invocation/{id}/response", e.runtimeResponse)
	mux.HandleFunc("POST "+runtimeAPI+"/invocation/{id}/error", e.runtimeError)
	mux.HandleFunc("POST "+runtimeAPI+"/init/error", e.runtimeInitError)
	mux.HandleFunc("POST "+extensionsAPI+"/register", e.extensionRegister)
	mux.HandleFunc("GET "+extensionsAPI+"/event/next", e.extensionNext)
	mux.HandleFunc("POST "+extensionsAPI+"/init/error", e.extensionInitError)
	mux.HandleFunc("POST "+extensionsAPI+"/exit/error", e.extensionExitError)
	mux.HandleFunc("PUT /2022-07-01/telemetry", telemetryUnsupported)
	mux.HandleFunc("PUT /2020-08-15/logs", telemetryUnsupported)
	return mux
}

// telemetryUnsupported answers as AWS's own emulator does, so that extensions go on without telemetry.
func telemetryUnsupported(w http.ResponseWriter, _ *http.Request) {
	writeError(w, http.StatusAccepted, "Telemetry.NotSupported", "Telemetry API is not supported")
}

// waitPoll waits for the event of a poll. It fails when another poll has taken its place; a poll whose client has gone,
// or that is open at the shutdown, ends without an answer.
func waitPoll[T any](e *Environment, r *http.Request, m *mailbox[T], poll chan T) (T, bool) {
	select {
	case event, ok := <-poll:
		return event, ok
	case <-r.Context().Done():
	case <-e.closing:
	}
	e.mu.Lock()
	m.leave(poll)
	e.mu.Unlock()
	panic(http.ErrAbortHandler)
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	encoded, err := json.Marshal(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(encoded) // a process that has gone is seen by its exit
}

func accept(w http.ResponseWriter) {
	writeJSON(w, http.StatusAccepted, map[string]string{"status": "OK"})
}

func forbid(w http.ResponseWriter, errorType, message string) {
	writeError(w, http.StatusForbidden, errorType, message)
}

func writeError(w http.ResponseWriter, status int, errorType, message string) {
	writeJSON(w, status, map[string]string{"errorType": errorType, "errorMessage": message})
}
