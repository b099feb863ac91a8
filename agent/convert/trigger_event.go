package convert

import (
	"strings"

	"github.com/tidwall/gjson"

	"github.com/steptrace/steptrace/spanid/semconv"
)

// cloudTrailed is the detail-type of EventBridge events that wrap a CloudTrail record.
const cloudTrailed = "AWS API Call via CloudTrail"

// eventOf reads an EventBridge event: of AWS services, of CloudTrail, of schedules, or anybody's own; or a CloudTrail
// record without such an event around it.
func eventOf(input gjson.Result, _ int) (trigger, bool) {
	source, typ := input.Get("source"), input.Get("detail-type")
	if source.Type != gjson.String || typ.Type != gjson.String || source.Str == "" || typ.Str == "" {
		return recordOfCloudTrail(input)
	}
	t := trigger{name: "EventBridge " + typ.Str, service: source.Str}
	t.when(timeOf(input.Get("time")))
	t.text(semconv.TriggerSource, source.Str)
	t.text(semconv.TriggerEventID, input.Get("id").String())
	t.text(semconv.CloudAccountID, input.Get("account").String())
	t.text(semconv.CloudRegion, input.Get("region").String())
	event, detail := typ.Str, input.Get("detail")
	switch {
	case typ.Str == cloudTrailed:
		event = detail.Get("eventName").String()
		t.cloudTrail(detail)
	case source.Str == "aws.s3":
		t.s3Notification(typ.Str, detail)
	case typ.Str == "Scheduled Event":
		t.schedule(source.Str, input.Get("resources.0").String())
	case strings.HasPrefix(source.Str, "aws."):
		t.service = strings.TrimPrefix(source.Str, "aws.")
		t.name = t.service + " " + typ.Str
		t.text(semconv.TriggerResource, input.Get("resources.0").String())
	}
	t.text(semconv.TriggerEventName, event)
	return t, true
}

// schedule reads the events of EventBridge rules with a schedule and of EventBridge Scheduler: the first resource is
// the ARN of the rule or schedule.
func (t *trigger) schedule(source, arn string) {
	t.service = strings.TrimPrefix(source, "aws.")
	t.name = "schedule"
	if name := arn[strings.LastIndexByte(arn, '/')+1:]; name != "" {
		t.name += " " + name
	}
	t.text(semconv.TriggerResource, arn)
}

func recordOfCloudTrail(input gjson.Result) (trigger, bool) {
	if !strings.HasSuffix(input.Get("eventSource").String(), ".amazonaws.com") || !input.Get("eventName").Exists() {
		return trigger{}, false
	}
	var t trigger
	t.cloudTrail(input)
	t.text(semconv.TriggerSource, "aws."+t.service)
	t.text(semconv.TriggerEventName, input.Get("eventName").String())
	t.text(semconv.TriggerEventID, input.Get("eventID").String())
	return t, true
}

// cloudTrail reads a record of an API call. Who called is not said, but what kind of principal it was.
func (t *trigger) cloudTrail(record gjson.Result) {
	t.service = strings.TrimSuffix(record.Get("eventSource").String(), ".amazonaws.com")
	service := t.service
	if t.service == "s3" || t.service == "" {
		t.service, service = "s3", "S3"
	}
	t.name = service + " " + record.Get("eventName").String()
	if at := timeOf(record.Get("eventTime")); !at.IsZero() {
		t.at = at.UTC()
	}
	t.text(semconv.AWSRequestID, record.Get("requestID").String())
	t.text(semconv.TriggerPrincipalType, record.Get("userIdentity.type").String())
	if t.service == "s3" {
		t.text(semconv.S3Bucket, record.Get("requestParameters.bucketName").String())
		t.text(semconv.S3Key, record.Get("requestParameters.key").String())
		t.text(semconv.S3ETag, strings.Trim(record.Get("responseElements.eTag").String(), `"`))
		t.text(semconv.S3VersionID, record.Get("responseElements.x-amz-version-id").String())
		t.text(semconv.AWSExtendedRequest, record.Get("additionalEventData.x-amz-id-2").String())
	}
}

// s3Notification reads S3's own event: "Object Created", "Object Deleted", ….
func (t *trigger) s3Notification(typ string, detail gjson.Result) {
	t.name, t.service = "S3 "+typ, "s3"
	if reason := detail.Get("reason").String(); reason != "" {
		t.name = "S3 " + reason
	}
	t.text(semconv.S3Bucket, detail.Get("bucket.name").String())
	t.text(semconv.S3Key, detail.Get("object.key").String())
	t.text(semconv.S3ETag, detail.Get("object.etag").String())
	t.text(semconv.S3VersionID, detail.Get("object.version-id").String())
	t.text(semconv.AWSRequestID, detail.Get("request-id").String())
	t.number(semconv.S3ObjectSize, detail.Get("object.size"))
}
