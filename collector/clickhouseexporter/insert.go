package clickhouseexporter

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"go.opentelemetry.io/collector/consumer/consumererror"
)

const idleTimeout = 90 * time.Second

func newClient(config *tls.Config) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = config
	transport.IdleConnTimeout = idleTimeout
	return &http.Client{
		Transport: transport,
		// A redirect would carry the credentials elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// insert sends the rows as one Native block.
func (e *storeExporter) insert(ctx context.Context, p payload) error {
	req, err := e.request(ctx, insertStatement(p), p.body)
	if err != nil {
		return consumererror.NewPermanent(fmt.Errorf("insert into %s: %w", p.table, err))
	}
	resp, err := e.client.Do(req)
	if err != nil {
		return fmt.Errorf("insert into %s: %w", p.table, err)
	}
	defer resp.Body.Close()
	if err := refusal(resp); err != nil {
		return fmt.Errorf("insert %d rows into %s.%s at %s: %w",
			p.rows, e.target.database, p.table, e.target.url.Host, err)
	}
	return nil
}

// insertStatement carries the settings of the insert in its text. They make the views' tables deduplicate too, which
// closes the gap when ClickHouse is killed between a table and its views, and let a batch span any number of days.
func insertStatement(p payload) string {
	return fmt.Sprintf("INSERT INTO %s (`%s`) SETTINGS async_insert = 0, insert_deduplicate = 1, "+
		"deduplicate_blocks_in_dependent_materialized_views = 1, max_partitions_per_insert_block = 0, "+
		"insert_deduplication_token = '%s' FORMAT Native", p.table, strings.Join(p.columns, "`, `"), p.token)
}

func (e *storeExporter) request(ctx context.Context, statement string, body []byte) (*http.Request, error) {
	u := *e.target.url
	u.Path = "/"
	u.RawQuery = url.Values{
		"database": {e.target.database}, "query": {statement}, "decompress": {"1"},
	}.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/octet-stream")
	req.Header.Set("User-Agent", "steptrace")
	req.Header.Set("X-ClickHouse-User", e.target.username)
	req.Header.Set("X-ClickHouse-Key", e.target.password)
	return req, nil
}
