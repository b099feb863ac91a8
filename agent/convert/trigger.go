package convert

import (
	"encoding/json"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/steptrace/steptrace/spanid/semconv"
)

// trigger is what an execution's input says of its cause.
type trigger struct {
	name       string
	service    string
	at         time.Time
	attributes []attribute.KeyValue
}

// bridgeEvent is an EventBridge event about S3, in both shapes: S3's own notifications ("Object Created", …) and
// CloudTrail's data events ("AWS API Call via CloudTrail").
type bridgeEvent struct {
	ID         string    `json:"id"`
	DetailType string    `json:"detail-type"`
	Source     string    `json:"source"`
	Time       time.Time `json:"time"`
	Detail     struct {
		Bucket struct {
			Name string `json:"name"`
		} `json:"bucket"`
		Object struct {
			Key       string `json:"key"`
			Size      *int64 `json:"size"`
			ETag      string `json:"etag"`
			VersionID string `json:"version-id"`
		} `json:"object"`
		Reason    string `json:"reason"`
		RequestID string `json:"request-id"`

		EventName         string    `json:"eventName"`
		EventTime         time.Time `json:"eventTime"`
		CloudTrailRequest string    `json:"requestID"`
		RequestParameters struct {
			BucketName string `json:"bucketName"`
			Key        string `json:"key"`
		} `json:"requestParameters"`
		ResponseElements struct {
			ETag      string `json:"eTag"`
			VersionID string `json:"x-amz-version-id"`
		} `json:"responseElements"`
		AdditionalEventData struct {
			ExtendedRequestID string `json:"x-amz-id-2"`
		} `json:"additionalEventData"`
	} `json:"detail"`
}

// triggerOf recognises S3's events in an execution's input. Anything else is no trigger: the execution is the root.
func triggerOf(input string) (trigger, bool) {
	if !strings.Contains(input, "aws.s3") {
		return trigger{}, false
	}
	var e bridgeEvent
	if json.Unmarshal([]byte(input), &e) != nil || e.Source != "aws.s3" || e.DetailType == "" {
		return trigger{}, false
	}
	if e.DetailType == "AWS API Call via CloudTrail" {
		return e.cloudTrail(), true
	}
	return e.notification(), true
}

func (e *bridgeEvent) notification() trigger {
	t := e.trigger(e.DetailType, e.Time)
	if e.Detail.Reason != "" {
		t.name = "S3 " + e.Detail.Reason
	}
	t.text(semconv.S3Bucket, e.Detail.Bucket.Name)
	t.text(semconv.S3Key, e.Detail.Object.Key)
	t.text(semconv.S3ETag, e.Detail.Object.ETag)
	t.text(semconv.S3VersionID, e.Detail.Object.VersionID)
	t.text(semconv.AWSRequestID, e.Detail.RequestID)
	if e.Detail.Object.Size != nil {
		t.attributes = append(t.attributes, attribute.Int64(semconv.S3ObjectSize, *e.Detail.Object.Size))
	}
	return t
}

func (e *bridgeEvent) cloudTrail() trigger {
	at := e.Detail.EventTime
	if at.IsZero() {
		at = e.Time
	}
	t := e.trigger(e.Detail.EventName, at)
	t.text(semconv.S3Bucket, e.Detail.RequestParameters.BucketName)
	t.text(semconv.S3Key, e.Detail.RequestParameters.Key)
	t.text(semconv.S3ETag, strings.Trim(e.Detail.ResponseElements.ETag, `"`))
	t.text(semconv.S3VersionID, e.Detail.ResponseElements.VersionID)
	t.text(semconv.AWSRequestID, e.Detail.CloudTrailRequest)
	t.text(semconv.AWSExtendedRequest, e.Detail.AdditionalEventData.ExtendedRequestID)
	return t
}

func (e *bridgeEvent) trigger(event string, at time.Time) trigger {
	t := trigger{name: "S3 " + event, service: "s3"}
	if at.Unix() > 0 { // an absent time, or one that nanoseconds cannot hold, is none
		t.at = at.UTC()
	}
	t.text(semconv.TriggerSource, e.Source)
	t.text(semconv.TriggerEventName, event)
	t.text(semconv.TriggerEventID, e.ID)
	return t
}

func (t *trigger) text(key, value string) {
	if value != "" {
		t.attributes = append(t.attributes, attribute.String(key, value))
	}
}
