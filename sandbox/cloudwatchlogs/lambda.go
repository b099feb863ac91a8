package cloudwatchlogs

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// functionDestination is a Lambda function, invoked asynchronously.
type functionDestination struct {
	service *Service
	arn     string
}

// greet implements destination: functions get no control message.
func (*functionDestination) greet(context.Context) error { return nil }

type functionPayload struct {
	AWSLogs struct {
		Data []byte `json:"data"` // base64
	} `json:"awslogs"`
}

// deliver implements destination.
func (d *functionDestination) deliver(ctx context.Context, _ string, compressed []byte) (again bool, err error) {
	var payload functionPayload
	payload.AWSLogs.Data = compressed
	text, err := json.Marshal(payload)
	if err != nil {
		return false, err
	}
	err = d.service.config.InvokeLambda(ctx, d.arn, text)
	if err == nil {
		return false, nil
	}
	status := awswire.AsError(err).Status
	return status == http.StatusTooManyRequests || status >= http.StatusInternalServerError, err
}
