package store

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// refusals say what ClickHouse's error codes (src/Common/ErrorCodes.cpp) mean to whoever operates the store.
var refusals = map[int32]string{
	60:  "has no Steptrace tables: create them with `steptrace migrate`",
	81:  "has no such database: create it with `steptrace migrate`",
	159: "took too long to answer: ask for less, such as a shorter time",
	192: "does not know the user: correct the user name and password",
	193: "refuses the password: correct it",
	194: "wants a password: give one",
	241: "has not enough memory for the query: ask for less, or give it more",
	396: "has more to answer than a query may have: ask for less",
	497: "does not allow this to the user: give it the rights, or use another",
	516: "refuses the user or the password: correct them",
}

// explained is a failure that everyone can mend by its message; the details stay underneath.
type explained struct {
	message string
	cause   error
}

func (e *explained) Error() string { return e.message }
func (e *explained) Unwrap() error { return e.cause }

// explain says what failed at the store at addr.
func explain(what, addr string, err error) error {
	if meaning := meaningOf(err); meaning != "" {
		return &explained{fmt.Sprintf("%s: the store at %s %s", what, addr, meaning), err}
	}
	return fmt.Errorf("%s: the store at %s: %w", what, addr, err)
}

func meaningOf(err error) string {
	var refused *clickhouse.Exception
	var network *net.OpError
	switch {
	case errors.As(err, &refused):
		return refusals[refused.Code]
	case errors.As(err, &network):
		return fmt.Sprintf("cannot be reached (%v): start it, as with `steptrace store`, or correct the address", network.Err)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("did not answer within %s", queryTimeout)
	}
	return ""
}
