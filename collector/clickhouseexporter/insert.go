package clickhouseexporter

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"go.opentelemetry.io/collector/consumer/consumererror"
)

const (
	idleTimeout = 90 * time.Second
	// dialTimeout is shorter than an insert's, so that a dead host does not hold up the next endpoint for long.
	dialTimeout = 5 * time.Second
)

func newClient(config *tls.Config) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = config
	transport.IdleConnTimeout = idleTimeout
	transport.DialContext = (&net.Dialer{Timeout: dialTimeout}).DialContext
	return &http.Client{
		Transport: transport,
		// A redirect would carry the credentials elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// insert sends the rows as one Native block to the first endpoint that takes them. Each is given the same token: to
// replicas, which note it together with the rows, it says that they have them already, should an endpoint have failed
// after it stored them.
func (e *storeExporter) insert(ctx context.Context, p payload) error {
	var failures []error
	p.token = e.attempts.token(p.token)
	for _, r := range e.replicas.order() {
		begin := e.replicas.clock.Now()
		err := e.insertInto(ctx, r, p)
		e.meters.inserted(ctx, p, e.replicas.clock.Since(begin), err)
		if err == nil || consumererror.IsPermanent(err) {
			e.replicas.worked(r)
			return err
		}
		e.attempts.failed()
		failures = append(failures, err)
		if ctx.Err() != nil {
			break
		}
		e.replicas.failed(r)
	}
	return errors.Join(failures...)
}

func (e *storeExporter) insertInto(ctx context.Context, r *replica, p payload) error {
	if e.cfg.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, e.cfg.Timeout)
		defer cancel()
	}
	if err := e.migrate(ctx, r); err != nil {
		return err
	}
	if err := e.post(ctx, r, p); err != nil {
		return fmt.Errorf("insert %d rows into %s.%s at %s: %w", p.rows, r.database, p.table, r.url.Host, err)
	}
	return nil
}

func (e *storeExporter) post(ctx context.Context, r *replica, p payload) error {
	req, err := request(ctx, r.target, insertStatement(p), p.body)
	if err != nil {
		return consumererror.NewPermanent(err)
	}
	resp, err := e.client.Do(req)
	if err != nil {
		var failure *url.Error
		if errors.As(err, &failure) { // it repeats the whole statement
			err = failure.Err
		}
		return err
	}
	defer resp.Body.Close()
	return refusal(resp)
}

// insertStatement carries the settings of the insert in its text. They make the views' tables deduplicate too, have the
// views, each of which waits for its disk, write at the same time, leave replacing rows to merges and readers, and let
// a batch span any number of days.
func insertStatement(p payload) string {
	return fmt.Sprintf("INSERT INTO %s (`%s`) SETTINGS async_insert = 0, insert_deduplicate = 1, "+
		"deduplicate_blocks_in_dependent_materialized_views = 1, parallel_view_processing = 1, optimize_on_insert = 0, "+
		"max_partitions_per_insert_block = 0, distributed_foreground_insert = 1, "+
		"insert_deduplication_token = '%s' FORMAT Native", p.table, strings.Join(p.columns, "`, `"), p.token)
}

func request(ctx context.Context, t target, statement string, body []byte) (*http.Request, error) {
	u := *t.url
	u.Path = "/"
	u.RawQuery = url.Values{
		"database": {t.database}, "query": {statement}, "decompress": {"1"},
	}.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/octet-stream")
	req.Header.Set("User-Agent", "steptrace")
	req.Header.Set("X-ClickHouse-User", t.username)
	req.Header.Set("X-ClickHouse-Key", t.password)
	return req, nil
}
