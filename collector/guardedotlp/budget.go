package guardedotlp

import (
	"errors"
	"io"
	"sync/atomic"
)

// inFlight is what the requests that are under way may take together, encoded and decoded, in bytes: what the largest
// does that the defaults allow. What they leave behind for the garbage collector comes on top.
const inFlight = 192 << 20

var errBusy = errors.New("is one of too many at once; send it again")

// budget is what may still be taken.
type budget struct{ left atomic.Int64 }

// share is what one request has taken.
type share struct {
	of    *budget
	bytes int64
}

func (b *budget) share() *share { return &share{of: b} }

func (s *share) take(bytes int64) error {
	if s.of.left.Add(-bytes) < 0 {
		s.of.left.Add(bytes)
		return errBusy
	}
	s.bytes += bytes
	return nil
}

func (s *share) giveBack() { s.of.left.Add(s.bytes) }

// firstRead is what a body is given room for before any of it has come.
const firstRead = 4 << 10

// read reads all, taking what the buffer takes.
func (s *share) read(r io.Reader) ([]byte, error) {
	if err := s.take(firstRead); err != nil {
		return nil, err
	}
	data := make([]byte, 0, firstRead)
	for {
		n, err := r.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		switch {
		case errors.Is(err, io.EOF):
			return data, nil
		case err != nil:
			return nil, err
		case len(data) < cap(data):
			continue
		}
		if err := s.take(int64(cap(data))); err != nil {
			return nil, err
		}
		data = append(make([]byte, 0, 2*cap(data)), data...)
	}
}
