package vendedlogs

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// ErrTooLarge is about what is larger, once decompressed, than it may be.
var ErrTooLarge = errors.New("is too large")

// Envelope reads what a subscription of CloudWatch Logs delivers: gzip around {"messageType":"DATA_MESSAGE",
// "logEvents":[…]}, or the same without gzip, or the log lines alone, as Amazon Data Firehose writes them when it
// decompresses itself. Control messages have no log events. At most limit bytes are decompressed.
func Envelope(data []byte, limit int64) (messages []Message, size int64, err error) {
	body, err := decompressed(data, limit)
	if err != nil {
		return nil, int64(len(body)), err
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	for {
		var raw json.RawMessage
		err := decoder.Decode(&raw)
		if errors.Is(err, io.EOF) {
			return messages, int64(len(body)), nil
		}
		if err != nil {
			return nil, int64(len(body)), fmt.Errorf("it is not JSON: %w", err)
		}
		found, err := open(raw)
		if err != nil {
			return nil, int64(len(body)), err
		}
		messages = append(messages, found...)
	}
}

func decompressed(data []byte, limit int64) ([]byte, error) {
	if !bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		if int64(len(data)) > limit {
			return nil, fmt.Errorf("it %w: more than %d bytes", ErrTooLarge, limit)
		}
		return data, nil
	}
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("it is not gzip: %w", err)
	}
	body, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("it is not gzip: %w", err)
	}
	if int64(len(body)) > limit {
		return nil, fmt.Errorf("it %w: more than %d bytes when decompressed", ErrTooLarge, limit)
	}
	return body, nil
}

// open takes the log events out of one JSON document.
func open(raw json.RawMessage) ([]Message, error) {
	var e struct {
		Type   string `json:"messageType"`
		Group  string `json:"logGroup"`
		Stream string `json:"logStream"`
		Events []struct {
			ID   string `json:"id"`
			Time int64  `json:"timestamp"`
			Text string `json:"message"`
		} `json:"logEvents"`
		ARN json.RawMessage `json:"execution_arn"`
	}
	if err := json.Unmarshal(raw, &e); err != nil {
		return nil, fmt.Errorf("it is not a message of CloudWatch Logs: %w", err)
	}
	switch {
	case e.Type == "CONTROL_MESSAGE":
		return nil, nil
	case e.Type == "" && e.ARN != nil:
		return []Message{{Position: 1, Text: string(raw)}}, nil
	case e.Type != "DATA_MESSAGE":
		return nil, fmt.Errorf("it is not a message of CloudWatch Logs: messageType is %.40q, not DATA_MESSAGE", e.Type)
	}
	messages := make([]Message, len(e.Events))
	for i, event := range e.Events {
		messages[i] = Message{
			Group: e.Group, Stream: e.Stream, ID: event.ID, Position: i + 1, Text: event.Text,
		}
		if event.Time > 0 {
			messages[i].Time = time.UnixMilli(event.Time).UTC()
		}
	}
	return messages, nil
}
