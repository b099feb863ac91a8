package outbox

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/otlp"
)

// maxPosts bounds the attempts to tell good requests from bad ones. One bad request among 10,000 takes 28.
const maxPosts = 32

// result is what became of requests.
type result struct {
	accepted bool     // some were
	refused  error    // why others were dropped
	away     error    // why the rest
	kept     [][]byte // is to be sent again
}

// send posts requests as one. When the collector cannot read them it sends them by halves, so that what one of them
// has wrong (a text that is no UTF-8, from an SDK that does not look) does not cost the others.
func (o *Outbox) send(ctx context.Context, requests [][]byte) result {
	posts := 0
	return o.sendHalves(ctx, requests, &posts)
}

func (o *Outbox) sendHalves(ctx context.Context, requests [][]byte, posts *int) result {
	*posts++
	err := o.post(ctx, bytes.Join(requests, nil))
	switch {
	case err == nil:
		return result{accepted: true}
	case !otlp.Refused(err):
		return result{away: err, kept: requests}
	case len(requests) == 1 || !unread(err) || *posts >= maxPosts:
		return result{refused: err}
	}
	first := o.sendHalves(ctx, requests[:len(requests)/2], posts)
	second := o.sendHalves(ctx, requests[len(requests)/2:], posts)
	return result{
		accepted: first.accepted || second.accepted,
		refused:  cmp.Or(first.refused, second.refused),
		away:     cmp.Or(first.away, second.away),
		kept:     slices.Concat(first.kept, second.kept),
	}
}

// unread tells whether the collector found fault with the body, and not with who sends it to where.
func unread(err error) bool {
	var refused *otlp.RefusedError
	return errors.As(err, &refused) &&
		(refused.Status == http.StatusBadRequest || refused.Status == http.StatusRequestEntityTooLarge)
}
