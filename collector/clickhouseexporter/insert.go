package clickhouseexporter

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/ClickHouse/ch-go/proto"
	"go.opentelemetry.io/collector/consumer/consumererror"
)

const (
	// compressedBlock is how many bytes are compressed at once; ClickHouse's own clients use as much.
	compressedBlock = 1 << 20
	tokenBytes      = 16
	idleTimeout     = 90 * time.Second
)

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
func (e *storeExporter) insert(ctx context.Context, t table) error {
	block, err := encode(t)
	if err != nil {
		return consumererror.NewPermanent(fmt.Errorf("encode rows of %s: %w", t.name, err))
	}
	body, err := compressed(block, e.cfg.compressionMethod())
	if err != nil {
		return consumererror.NewPermanent(fmt.Errorf("compress rows of %s: %w", t.name, err))
	}
	req, err := e.request(ctx, insertStatement(t, token(block)), body)
	if err != nil {
		return consumererror.NewPermanent(fmt.Errorf("insert into %s: %w", t.name, err))
	}
	resp, err := e.client.Do(req)
	if err != nil {
		return fmt.Errorf("insert into %s: %w", t.name, err)
	}
	defer resp.Body.Close()
	if err := refusal(resp); err != nil {
		return fmt.Errorf("insert %d rows into %s.%s at %s: %w",
			t.rows(), e.target.database, t.name, e.target.url.Host, err)
	}
	return nil
}

// encode writes the columns as a Native block of protocol revision 0, which is what the HTTP interface reads.
func encode(t table) ([]byte, error) {
	var buf proto.Buffer
	block := proto.Block{Columns: len(t.columns), Rows: t.rows()}
	if err := block.EncodeRawBlock(&buf, 0, t.columns); err != nil {
		return nil, err
	}
	return buf.Buf, nil
}

func compressed(data []byte, method compress.Method) ([]byte, error) {
	w := compress.NewWriter(compress.LevelZero, method)
	var out bytes.Buffer
	for len(data) > 0 {
		n := min(len(data), compressedBlock)
		if err := w.Compress(data[:n]); err != nil {
			return nil, err
		}
		out.Write(w.Data)
		data = data[n:]
	}
	return out.Bytes(), nil
}

// token names the batch by its content: sent again as it was, it has the same.
func token(block []byte) string {
	sum := sha256.Sum256(block)
	return hex.EncodeToString(sum[:tokenBytes])
}

// insertStatement carries the settings of the insert in its text. They make the views' tables deduplicate too, which
// closes the gap when ClickHouse is killed between a table and its views, and let a batch span any number of days.
func insertStatement(t table, token string) string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = "`" + c.Name + "`"
	}
	return fmt.Sprintf("INSERT INTO %s (%s) SETTINGS async_insert = 0, insert_deduplicate = 1, "+
		"deduplicate_blocks_in_dependent_materialized_views = 1, max_partitions_per_insert_block = 0, "+
		"insert_deduplication_token = '%s' FORMAT Native", t.name, strings.Join(names, ", "), token)
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
