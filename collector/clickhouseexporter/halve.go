package clickhouseexporter

import (
	"context"
	"errors"

	"go.opentelemetry.io/collector/consumer/consumererror"
)

// mostRefusals bounds the search for the rows at fault in one batch. A row is found after as many refused inserts as
// its batch can be halved, 16 of the largest; neighbours share most of them.
const mostRefusals = 512

// refused is rows that ClickHouse will never take, with what it said.
type refused struct {
	batch
	reason error
}

// muchError refuses a batch for its size: of each of its halves it may not be true.
type muchError struct{ error }

func (e muchError) Unwrap() error { return e.error }

// tooMuch tells whether a batch is to be tried in halves, though no row of it is at fault.
func tooMuch(err error) bool {
	var much muchError
	return errors.As(err, &much)
}

// search stores a batch that was refused for its rows in halves, and their halves, until the rows at fault are alone.
// One that was refused for its size is stored in halves, and their halves, until they are small enough.
// Each part has a token of its own content, and the same batch is halved the same way again.
type search struct {
	send     func(context.Context, batch) error
	batch    batch
	done     int // the rows before are stored or found at fault
	stored   int
	refusals int
	found    []refused
}

// halve stores the rows from..to, which were refused as they are for the cause. It returns why it could not go on.
func (s *search) halve(ctx context.Context, from, to int, cause error) error {
	if to-from == 1 || s.refusals >= mostRefusals {
		s.found = append(s.found, refused{s.batch.part(from, to), cause})
		s.done = to
		return nil
	}
	return s.inHalves(ctx, from, to)
}

func (s *search) inHalves(ctx context.Context, from, to int) error {
	middle := from + (to-from)/2
	if err := s.store(ctx, from, middle); err != nil {
		return err
	}
	return s.store(ctx, middle, to)
}

func (s *search) store(ctx context.Context, from, to int) error {
	err := s.send(ctx, s.batch.part(from, to))
	switch {
	case err == nil:
		s.stored += to - from
		s.done = to
		return nil
	case consumererror.IsPermanent(err):
		s.refusals++
		return s.halve(ctx, from, to, err)
	case tooMuch(err) && to-from > 1:
		return s.inHalves(ctx, from, to)
	default:
		return err
	}
}

// rest is what is left to store, nil if nothing is.
func (s *search) rest() batch {
	if s.done == s.batch.rows() {
		return nil
	}
	return s.batch.part(s.done, s.batch.rows())
}
