package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/steptrace/steptrace/cmd/bench/corpus"
)

const (
	loadBatch = 20_000 // spans an insert
	// peerMost is up to how many spans the OpenTelemetry Collector's store is filled too; its exporter takes long.
	peerMost = 10_000_000
)

// load fills our store and, through its own exporter, one of the OpenTelemetry Collector with the same spans.
type load struct {
	source     *corpus.Source
	ours, peer exporters
	total      int // spans to come to
	spans      int // spans so far
}

func newLoad(ctx context.Context, server *engine, total int) (*load, error) {
	ours, oursErr := oursInto(ctx, server.url+"/ours")
	peer, peerErr := contribInto(ctx, server.url+"/peer")
	return &load{source: newCorpus(total), ours: ours, peer: peer, total: total}, errors.Join(oursErr, peerErr)
}

// to writes until the stores hold so many spans. Log records go into ours only: the peer is not asked for them.
func (l *load) to(ctx context.Context, spans int) error {
	for l.spans < spans {
		traces, logs := l.source.Batch(min(loadBatch, spans-l.spans))
		err := errors.Join(l.ours.traces.ConsumeTraces(ctx, traces), l.ours.logs.ConsumeLogs(ctx, logs))
		if l.spans < peerMost {
			err = errors.Join(err, l.peer.traces.ConsumeTraces(ctx, traces))
		}
		if err != nil {
			return err
		}
		l.spans += traces.SpanCount()
		if l.spans/1_000_000 != (l.spans-traces.SpanCount())/1_000_000 {
			fmt.Fprintf(os.Stderr, "bench: %d of %d million spans are stored\n", l.spans/1_000_000, l.total/1_000_000)
		}
	}
	return nil
}

func (l *load) shutdown(ctx context.Context) error {
	return errors.Join(l.ours.shutdown(ctx), l.peer.shutdown(ctx))
}
