package cloudwatchlogs

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/google/uuid"
)

// HTTPTarget is an HTTP endpoint behind a Firehose delivery stream.
type HTTPTarget struct {
	URL              string
	AccessKey        string            // sent as X-Amz-Firehose-Access-Key
	CommonAttributes map[string]string // sent as X-Amz-Firehose-Common-Attributes; none: not sent
}

// httpDestination calls an endpoint as Firehose does.
// Source: https://docs.aws.amazon.com/firehose/latest/dev/httpdeliveryrequestresponse.html
type httpDestination struct {
	service *Service
	arn     string
	target  HTTPTarget
}

type firehoseRequest struct {
	RequestID string           `json:"requestId"`
	Timestamp int64            `json:"timestamp"` // milliseconds
	Records   []firehoseRecord `json:"records"`
}

type firehoseRecord struct {
	Data []byte `json:"data"` // base64
}

type firehoseResponse struct {
	RequestID    string `json:"requestId"`
	Timestamp    int64  `json:"timestamp"`
	ErrorMessage string `json:"errorMessage"`
}

// greet implements destination: CloudWatch Logs tries a delivery stream with a message of its own.
func (d *httpDestination) greet(ctx context.Context) error {
	_, err := d.deliver(ctx, uuid.NewString(), compress(dataMessage{
		MessageType: "CONTROL_MESSAGE", Owner: "CloudwatchLogs", SubscriptionFilters: []string{},
		LogEvents: []subscribedEvent{{
			Timestamp: d.service.now(), Message: "CWL CONTROL MESSAGE: Checking health of destination Firehose.",
		}},
	}))
	return err
}

// deliver implements destination. Any answer but 200 with the request's id is a failure, after which Firehose tries
// again with the same id.
func (d *httpDestination) deliver(ctx context.Context, id string, compressed []byte) (again bool, err error) {
	body, err := json.Marshal(firehoseRequest{
		RequestID: id, Timestamp: d.service.now(), Records: []firehoseRecord{{compressed}},
	})
	if err != nil {
		return false, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, d.target.URL, bytes.NewReader(body))
	if err != nil {
		return false, fmt.Errorf("the URL of a delivery stream: %w", err)
	}
	if err := d.setHeader(request.Header, id); err != nil {
		return false, err
	}
	response, err := d.service.config.HTTPClient.Do(request)
	if err != nil {
		return true, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxPageBytes))
	if err != nil {
		return true, err
	}
	var answer firehoseResponse
	_ = json.Unmarshal(text, &answer) // what is not such an answer has not the id either
	if response.StatusCode != http.StatusOK || answer.RequestID != id {
		return true, fmt.Errorf("%s answered %s %.200s, want 200 and the request's id", d.target.URL, response.Status, text)
	}
	return false, nil
}

func (d *httpDestination) setHeader(h http.Header, id string) error {
	h.Set("Content-Type", "application/json")
	h.Set("X-Amz-Firehose-Protocol-Version", "1.0")
	h.Set("X-Amz-Firehose-Request-Id", id)
	h.Set("X-Amz-Firehose-Source-Arn", d.arn)
	if d.target.AccessKey != "" {
		h.Set("X-Amz-Firehose-Access-Key", d.target.AccessKey)
	}
	if len(d.target.CommonAttributes) == 0 {
		return nil
	}
	attributes, err := json.Marshal(map[string]any{"commonAttributes": d.target.CommonAttributes})
	h.Set("X-Amz-Firehose-Common-Attributes", string(attributes))
	return err
}
