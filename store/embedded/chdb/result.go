package chdb

import (
	"errors"
	"unsafe"
)

// Statistics counts what a statement read from storage and wrote (materialized views included).
type Statistics struct{ RowsRead, BytesRead, RowsWritten, BytesWritten uint64 }

// Add returns the sum of both.
func (s Statistics) Add(o Statistics) Statistics {
	return Statistics{
		s.RowsRead + o.RowsRead, s.BytesRead + o.BytesRead,
		s.RowsWritten + o.RowsWritten, s.BytesWritten + o.BytesWritten,
	}
}

// Result is a formatted result, or one piece of it, in the engine's memory until Free.
type Result struct {
	lib    *Library
	handle uintptr
}

// Bytes returns the formatted rows. They are gone after Free.
func (r *Result) Bytes() []byte {
	n, p := r.lib.length(r.handle), r.lib.buffer(r.handle)
	if n == 0 || p == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(fromC(p)), n)
}

// Statistics returns what this result, or this piece of it, took.
func (r *Result) Statistics() Statistics {
	return Statistics{
		r.lib.rowsRead(r.handle), r.lib.bytesRead(r.handle),
		r.lib.rowsWritten(r.handle), r.lib.bytesWritten(r.handle),
	}
}

// Free gives the memory back.
func (r *Result) Free() { r.lib.destroyResult(r.handle) }

// checked turns a result that carries an error into a Go error. The text is ClickHouse's, "Code: 60. DB::Exception: …".
func (l *Library) checked(handle uintptr) (*Result, error) {
	if handle == 0 {
		return nil, errors.New("libchdb returned no result")
	}
	if message := text(l.resultError(handle)); message != "" {
		l.destroyResult(handle)
		return nil, errors.New(message)
	}
	return &Result{lib: l, handle: handle}, nil
}

// Stream is a running SELECT whose result comes in pieces.
type Stream struct {
	conn   *Connection
	handle uintptr
}

// Stream starts a SELECT. The engine refuses other statements here.
func (c *Connection) Stream(query, format string, parameters ...Parameter) (*Stream, error) {
	r, err := c.lib.checked(call(c.lib.stream, c.handle, query, format, parameters))
	if err != nil {
		return nil, err
	}
	return &Stream{conn: c, handle: r.handle}, nil
}

// Next returns the next piece; one without bytes is the end.
func (s *Stream) Next() (*Result, error) {
	return s.conn.lib.checked(s.conn.lib.fetch(s.conn.handle, s.handle))
}

// Cancel stops the query. Free is still due.
func (s *Stream) Cancel() { s.conn.lib.cancelQuery(s.conn.handle, s.handle) }

// Free ends the stream.
func (s *Stream) Free() { s.conn.lib.destroyResult(s.handle) }
