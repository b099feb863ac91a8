package faults

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

const requestTimeout = 20 * time.Second

// senders send numbered spans and records to a collector, whatever becomes of it.
type senders struct {
	web            *http.Client
	url            string
	conn           *grpc.ClientConn
	traces, logs   *ledger
	running        sync.WaitGroup
	draining, stop chan struct{}
	again          atomic.Int64
}

func newSenders(t *testing.T, s *system, seed uint64) *senders {
	t.Helper()
	quick := grpc.ConnectParams{
		Backoff:           backoff.Config{BaseDelay: 10 * time.Millisecond, Multiplier: 1, MaxDelay: 50 * time.Millisecond},
		MinConnectTimeout: time.Second,
	}
	conn, err := grpc.NewClient(s.grpc, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithConnectParams(quick))
	require.NoError(t, err)
	transport := &http.Transport{DisableKeepAlives: true}
	out := &senders{
		web: &http.Client{Transport: transport, Timeout: requestTimeout}, url: "http://" + s.web, conn: conn,
		traces: newLedger(seed), logs: newLedger(seed + 1), draining: make(chan struct{}), stop: make(chan struct{}),
	}
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	return out
}

// start has each kind of sender send one request after the other, with a little time between, until it is drained.
func (s *senders) start(t *testing.T) {
	t.Helper()
	s.run(s.traces, s.tracesByHTTP)
	s.run(s.traces, s.tracesByGRPC)
	s.run(s.logs, s.logsByHTTP)
	s.run(s.logs, s.logsByGRPC)
	t.Cleanup(func() {
		close(s.stop)
		s.running.Wait()
	})
}

func (s *senders) run(l *ledger, send func([]int) bool) {
	s.running.Go(func() {
		pace := time.NewTicker(50 * time.Millisecond)
		defer pace.Stop()
		for {
			select {
			case <-s.stop:
				return
			case <-pace.C:
			}
			draining := closed(s.draining)
			numbers := l.take(draining)
			if len(numbers) > 0 {
				l.settle(numbers, send(numbers))
			}
		}
	})
}

func closed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// drain sends nothing new and returns when all was acknowledged.
func (s *senders) drain(t *testing.T) {
	t.Helper()
	close(s.draining)
	eventually(t, func() bool {
		return s.traces.progress() == s.traces.sent() && s.logs.progress() == s.logs.sent()
	}, "everything is acknowledged in the end")
}

func (s *senders) post(path string, body []byte) bool {
	answer, err := s.web.Post(s.url+path, "application/x-protobuf", bytes.NewReader(body))
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusServiceUnavailable {
		s.again.Add(1)
	}
	_, err = io.Copy(io.Discard, answer.Body)
	return err == nil && answer.StatusCode == http.StatusOK
}

func (s *senders) tracesByHTTP(numbers []int) bool {
	body, err := ptraceotlp.NewExportRequestFromTraces(spans(numbers)).MarshalProto()
	return err == nil && s.post("/v1/traces", body)
}

func (s *senders) logsByHTTP(numbers []int) bool {
	body, err := plogotlp.NewExportRequestFromLogs(records(numbers)).MarshalProto()
	return err == nil && s.post("/v1/logs", body)
}

func (s *senders) tracesByGRPC(numbers []int) bool {
	ctx, cancel := context.WithTimeout(context.Background(), requestTimeout)
	defer cancel()
	_, err := ptraceotlp.NewGRPCClient(s.conn).Export(ctx, ptraceotlp.NewExportRequestFromTraces(spans(numbers)))
	return s.settled(err)
}

func (s *senders) logsByGRPC(numbers []int) bool {
	ctx, cancel := context.WithTimeout(context.Background(), requestTimeout)
	defer cancel()
	_, err := plogotlp.NewGRPCClient(s.conn).Export(ctx, plogotlp.NewExportRequestFromLogs(records(numbers)))
	return s.settled(err)
}

func (s *senders) settled(err error) bool {
	// A connection that cannot be made is Unavailable too, in other words.
	if refusal := status.Convert(err); refusal.Code() == codes.Unavailable && strings.Contains(refusal.Message(), "queue") {
		s.again.Add(1)
	}
	return err == nil
}

// backpressure is how many requests were refused with a request to come again.
func (s *senders) backpressure() int64 { return s.again.Load() }
