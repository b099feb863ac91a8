package convert

import (
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/tidwall/gjson"
	"go.opentelemetry.io/otel/attribute"

	"github.com/steptrace/steptrace/spanid/semconv"
)

// recordsOf reads batches: {"Records":[…]} as event notifications and event source mappings make them, or the list
// alone, as EventBridge Pipes passes it on. The first record says what they are.
func recordsOf(input gjson.Result, wrapped int) (trigger, bool) {
	list := input
	if input.IsObject() {
		list = input.Get("Records")
	}
	if !list.IsArray() {
		return trigger{}, false
	}
	first := list.Get("0")
	source := first.Get("eventSource").String()
	if source == "" {
		source = first.Get("EventSource").String() // SNS
	}
	read := recordReader(source)
	if read == nil || !first.IsObject() {
		return trigger{}, false
	}
	t := trigger{service: strings.TrimPrefix(source, "aws:")}
	t.text(semconv.TriggerSource, "aws."+t.service)
	t.text(semconv.CloudRegion, first.Get("awsRegion").String())
	t.text(semconv.TriggerResource, first.Get("eventSourceARN").String())
	t.attributes = append(t.attributes, attribute.Int64(semconv.MessagingBatchCount, list.Get("#").Int()))
	read(&t, first, wrapped)
	list.ForEach(func(_, record gjson.Result) bool {
		t.when(timeOfRecord(record))
		return true
	})
	return t, true
}

// recordReader is nil for sources that are not known.
func recordReader(source string) func(t *trigger, first gjson.Result, wrapped int) {
	switch source {
	case "aws:s3":
		return (*trigger).s3Record
	case "aws:sqs":
		return (*trigger).sqsRecord
	case "aws:sns":
		return (*trigger).snsRecord
	case "aws:dynamodb":
		return (*trigger).dynamoDBRecord
	case "aws:kinesis":
		return (*trigger).kinesisRecord
	case "aws:kafka", "aws:mq", "aws:rmq":
		return (*trigger).otherRecord
	}
	return nil
}

// timeOfRecord is when the record came to be, by whichever member its source says that.
func timeOfRecord(r gjson.Result) (at time.Time) {
	for _, candidate := range []time.Time{
		timeOf(r.Get("eventTime")), timeOf(r.Get("Sns.Timestamp")),
		timeOfMilliseconds(r.Get("attributes.SentTimestamp").Float()), timeOfMilliseconds(r.Get("timestamp").Float()),
		timeOfSeconds(r.Get("kinesis.approximateArrivalTimestamp")), timeOfSeconds(r.Get("approximateArrivalTimestamp")),
		timeOfSeconds(r.Get("dynamodb.ApproximateCreationDateTime")),
	} {
		if !candidate.IsZero() {
			return candidate
		}
	}
	return at
}

func (t *trigger) s3Record(r gjson.Result, _ int) {
	t.name = "S3 " + strings.TrimPrefix(r.Get("eventName").String(), "s3:")
	t.text(semconv.TriggerEventName, r.Get("eventName").String())
	t.text(semconv.S3Bucket, r.Get("s3.bucket.name").String())
	t.text(semconv.S3Key, decodedKey(r.Get("s3.object.key").String()))
	t.text(semconv.S3ETag, r.Get("s3.object.eTag").String())
	t.text(semconv.S3VersionID, r.Get("s3.object.versionId").String())
	t.number(semconv.S3ObjectSize, r.Get("s3.object.size"))
	t.text(semconv.AWSRequestID, r.Get("responseElements.x-amz-request-id").String())
	t.text(semconv.AWSExtendedRequest, r.Get("responseElements.x-amz-id-2").String())
}

// decodedKey is the object's key, which notifications encode as forms do.
func decodedKey(key string) string {
	if decoded, err := url.QueryUnescape(key); err == nil {
		return decoded
	}
	return key
}

func (t *trigger) sqsRecord(r gjson.Result, wrapped int) {
	t.queueOrStream("SQS", "aws_sqs", r.Get("eventSourceARN").String())
	t.text(semconv.MessagingMessageID, r.Get("messageId").String())
	t.unwrap(r.Get("body").String(), wrapped)
}

func (t *trigger) snsRecord(r gjson.Result, wrapped int) {
	topic := r.Get("Sns.TopicArn").String()
	t.queueOrStream("SNS", "aws.sns", topic)
	t.text(semconv.TriggerResource, topic)
	t.text(semconv.MessagingMessageID, r.Get("Sns.MessageId").String())
	t.unwrap(r.Get("Sns.Message").String(), wrapped)
}

// unwrap says of an event in a message what it is about, such as the object of an S3 notification that came by a queue.
func (t *trigger) unwrap(message string, wrapped int) {
	if wrapped >= maxWrapped || !containsAny(message, signs) || !json.Valid([]byte(message)) {
		return
	}
	body := gjson.Parse(message)
	if notification := body.Get("Message"); body.Get("Type").String() == "Notification" { // SNS without raw delivery
		t.unwrap(notification.String(), wrapped+1)
		return
	}
	inner, ok := recognise(body, wrapped+1)
	if !ok {
		return
	}
	t.when(inner.at)
	known := make(map[attribute.Key]bool)
	for _, a := range t.attributes {
		known[a.Key] = true
	}
	for _, a := range inner.attributes {
		if !known[a.Key] {
			t.attributes = append(t.attributes, a)
		}
	}
}

func (t *trigger) dynamoDBRecord(r gjson.Result, _ int) {
	arn := r.Get("eventSourceARN").String() // …:table/NAME/stream/TIME
	_, table, _ := strings.Cut(arn, "/")
	table, _, _ = strings.Cut(table, "/")
	t.name = strings.TrimSpace("DynamoDB " + table)
	t.text(semconv.DBSystem, "aws.dynamodb")
	if table != "" {
		t.attributes = append(t.attributes, attribute.StringSlice(semconv.DynamoDBTables, appendNew(nil, table)))
	}
	t.text(semconv.TriggerEventName, r.Get("eventName").String())
	t.text(semconv.TriggerEventID, r.Get("eventID").String())
}

func (t *trigger) kinesisRecord(r gjson.Result, _ int) {
	arn := r.Get("eventSourceARN").String()
	t.queueOrStream("Kinesis", "aws_kinesis", arn)
	t.text(semconv.KinesisStream, arn[strings.LastIndexByte(arn, '/')+1:])
	t.text(semconv.TriggerEventID, r.Get("eventID").String())
}

func (t *trigger) otherRecord(gjson.Result, int) { t.name = "Pipes " + t.service }

func (t *trigger) queueOrStream(kind, system, arn string) {
	name := arn[strings.LastIndexAny(arn, ":/")+1:]
	t.name = strings.TrimSpace(kind + " " + name)
	t.text(semconv.MessagingSystem, system)
	t.text(semconv.MessagingDestination, name)
}
