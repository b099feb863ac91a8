package push

import (
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/steptrace/steptrace/agent/vendedlogs"
)

// read reads a body, decompressed, within the bounds.
func (h *Handler) read(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body := io.Reader(http.MaxBytesReader(w, r.Body, h.cfg.MaxBytes))
	switch encoding := r.Header.Get("Content-Encoding"); encoding {
	case "", "identity":
		return io.ReadAll(body)
	case "gzip":
		z, err := gzip.NewReader(body)
		if err != nil {
			return nil, fmt.Errorf("the body is not gzip: %w", err)
		}
		plain, err := io.ReadAll(io.LimitReader(z, h.cfg.MaxBytes+1))
		if err != nil {
			return nil, fmt.Errorf("the body is not gzip: %w", err)
		}
		if int64(len(plain)) > h.cfg.MaxBytes {
			return nil, fmt.Errorf("the body %w: more than %d bytes when decompressed", vendedlogs.ErrTooLarge, h.cfg.MaxBytes)
		}
		return plain, nil
	default:
		return nil, fmt.Errorf("the content encoding %.20q is not gzip", encoding)
	}
}

// delivery is what a request has.
type delivery struct {
	requestID string
	messages  []vendedlogs.Message
	bad       []error // records that are passed over
}

// maxRecords bounds the records of a request. Firehose buffers at most 500 in a call of its own.
const maxRecords = 10_000

// parse reads {"requestId":…,"records":[{"data":…}]} of Firehose and {"awslogs":{"data":…}} of a subscription. A record
// that cannot be read does not hold up the others; a request with nothing else is refused, so that Firehose keeps it.
func parse(body []byte, limit int64) (d delivery, err error) {
	var in struct {
		RequestID string `json:"requestId"`
		Records   []struct {
			Data *string `json:"data"`
		} `json:"records"`
		AWSLogs *struct {
			Data *string `json:"data"`
		} `json:"awslogs"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return d, fmt.Errorf("the body is not JSON as Firehose or a subscription sends it: %w", err)
	}
	d.requestID = in.RequestID
	records := in.Records
	switch {
	case in.AWSLogs != nil:
		records = append(records, *in.AWSLogs)
	case in.Records == nil:
		return d, errors.New(`the body has neither "records" nor "awslogs"`)
	case len(records) > maxRecords:
		return d, fmt.Errorf("the body %w: %d records, more than %d", vendedlogs.ErrTooLarge, len(records), maxRecords)
	}
	for i, r := range records {
		messages, size, err := open(r.Data, limit)
		limit -= size
		switch {
		case errors.Is(err, vendedlogs.ErrTooLarge):
			return d, fmt.Errorf("record %d: %w", i+1, err)
		case err != nil:
			d.bad = append(d.bad, fmt.Errorf("record %d: %w", i+1, err))
		}
		d.messages = append(d.messages, messages...)
	}
	if len(d.bad) > 0 && len(d.bad) == len(records) {
		return d, d.bad[0]
	}
	return d, nil
}

func open(data *string, limit int64) ([]vendedlogs.Message, int64, error) {
	if data == nil {
		return nil, 0, errors.New(`it has no "data"`)
	}
	raw, err := base64.StdEncoding.DecodeString(*data)
	if err != nil {
		return nil, 0, fmt.Errorf("it is not base64: %w", err)
	}
	return vendedlogs.Envelope(raw, limit)
}
