package embedded

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/steptrace/steptrace/store/embedded/chdb"
)

// displayName is the server's name in headers and in clickhouse-go's handshake.
const displayName = "steptrace"

// response writes a result, or an exception in its place or behind it. Headers wait for the first byte, so that an
// early exception still gets a status of its own.
type response struct {
	http    http.ResponseWriter
	encoder encoder
	tag     string // names the exception inside of this response only
	started bool
	read    chdb.Statistics
}

func newResponse(w http.ResponseWriter, r *http.Request, v url.Values) *response {
	return &response{http: w, encoder: newEncoder(r, v), tag: strings.ReplaceAll(uuid.NewString(), "-", "")[:16]}
}

// describe sets the headers that tell what will come.
func (o *response) describe(queryID, format string) {
	h := o.http.Header()
	h.Set("X-ClickHouse-Query-Id", queryID)
	h.Set("X-ClickHouse-Format", format)
	h.Set("X-ClickHouse-Timezone", "UTC")
	h.Set("X-ClickHouse-Server-Display-Name", displayName)
	h.Set("X-ClickHouse-Exception-Tag", o.tag)
	h.Set("Content-Type", contentType(format))
}

func contentType(format string) string {
	switch {
	case strings.HasPrefix(format, "JSON") && strings.Contains(format, "EachRow"):
		return "application/x-ndjson; charset=UTF-8"
	case strings.HasPrefix(format, "JSON"):
		return "application/json; charset=UTF-8"
	case strings.HasPrefix(format, "TabSeparated"), strings.HasPrefix(format, "TSV"):
		return "text/tab-separated-values; charset=UTF-8"
	case strings.HasPrefix(format, "CSV"):
		return "text/csv; charset=UTF-8"
	case format == "Native", strings.HasPrefix(format, "RowBinary"), format == "Parquet", format == "RawBLOB":
		return "application/octet-stream"
	}
	return "text/plain; charset=UTF-8"
}

// add counts what a piece of the result took; it shows in X-ClickHouse-Summary if the piece comes first.
func (o *response) add(s chdb.Statistics) { o.read = o.read.Add(s) }

func (o *response) writeHeader() {
	o.started = true
	h := o.http.Header()
	h.Set("X-ClickHouse-Summary", fmt.Sprintf(
		`{"read_rows":"%d","read_bytes":"%d","written_rows":"%d","written_bytes":"%d"}`,
		o.read.RowsRead, o.read.BytesRead, o.read.RowsWritten, o.read.BytesWritten))
	if o.encoder.name != "" {
		h.Set("Content-Encoding", o.encoder.name)
	}
}

// Write sends a piece of the result.
func (o *response) Write(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	if !o.started {
		o.writeHeader()
	}
	return o.encoder.write(o.http, b)
}

// end closes a response with the outcome of the request.
func (o *response) end(outcome error) error {
	if outcome != nil {
		return o.fail(asException(outcome))
	}
	return o.finish()
}

// finish ends a result.
func (o *response) finish() error {
	if o.started {
		return o.encoder.close()
	}
	o.encoder.name = ""
	o.writeHeader()
	o.http.Header().Set("Content-Length", "0")
	o.http.WriteHeader(http.StatusOK)
	return nil
}

// fail reports an exception: as the response if nothing has been sent, else in a marked block at its end.
func (o *response) fail(e *exception) error {
	if o.started {
		return o.failMidway(e)
	}
	h := o.http.Header()
	h.Set("X-ClickHouse-Exception-Code", strconv.Itoa(e.code))
	h.Set("Content-Type", "text/plain; charset=UTF-8")
	h.Set("X-Content-Type-Options", "nosniff")
	o.http.WriteHeader(e.status())
	_, err := io.WriteString(o.http, e.Error()+"\n") //nolint:gosec // plain text, not sniffed
	return err
}

func (o *response) failMidway(e *exception) error {
	const mark = "__exception__"
	message := e.Error() + "\n"
	block := fmt.Sprintf("\r\n%s\r\n%s\r\n%s%d %s\r\n%s\r\n", mark, o.tag, message, len(message), o.tag, mark)
	if _, err := o.encoder.writePlain(o.http, []byte(block)); err != nil {
		return err
	}
	return o.encoder.close()
}
