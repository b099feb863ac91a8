package embedded

import (
	"io"
	"net/http"
	"time"
)

// unstalled gives every single read and write of a request its own deadline. A client that stops in the middle would
// otherwise hold one of the few statements that may run at once for as long as it pleases.
func unstalled(
	w http.ResponseWriter, r *http.Request, limit time.Duration,
) (http.ResponseWriter, *http.Request, func()) {
	connection := http.NewResponseController(w)
	if r.ContentLength != 0 { // a body that nobody reads is waited for, too, before the response leaves
		connection.SetReadDeadline(time.Now().Add(limit)) //nolint:errcheck,gosec // the connection is gone then
	}
	r.Body = &stallReader{ReadCloser: r.Body, connection: connection, limit: limit}
	release := func() { connection.SetWriteDeadline(time.Time{}) } //nolint:errcheck,gosec // the connection is gone then
	return &stallWriter{ResponseWriter: w, connection: connection, limit: limit}, r, release
}

type stallReader struct {
	io.ReadCloser
	connection *http.ResponseController
	limit      time.Duration
}

// Read sets the deadline, and takes it back once the body is read: from then on the server reads along to notice that
// the client goes away, and would take a passed deadline for that.
func (r *stallReader) Read(p []byte) (int, error) {
	if err := r.connection.SetReadDeadline(time.Now().Add(r.limit)); err != nil {
		return 0, err
	}
	n, err := r.ReadCloser.Read(p)
	if err == io.EOF {
		r.connection.SetReadDeadline(time.Time{}) //nolint:errcheck,gosec // the connection is gone then
	}
	return n, err
}

type stallWriter struct {
	http.ResponseWriter
	connection *http.ResponseController
	limit      time.Duration
}

func (w *stallWriter) Write(p []byte) (int, error) {
	if err := w.connection.SetWriteDeadline(time.Now().Add(w.limit)); err != nil {
		return 0, err
	}
	return w.ResponseWriter.Write(p)
}
