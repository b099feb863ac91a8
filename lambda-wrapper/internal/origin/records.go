package origin

import "github.com/steptrace/steptrace/lambda-wrapper/internal/jsonscan"

// readRecords reads the Records of SQS and SNS. Those of S3 tell of an object, not of a trace; those of streams carry
// bytes.
func (o *Origin) readRecords(records []byte) {
	c := jsonscan.New(records)
	if !c.Take('[') {
		return
	}
	first, ok := c.Element()
	if !ok {
		return
	}
	single, ok := recordOf(first)
	if !ok {
		return
	}
	second, ok := c.Element()
	if !ok {
		o.Request = &single
		return
	}
	o.Batch = append(o.Batch, single)
	for ok && len(o.Batch) < MaxRecords {
		if carrier, of := recordOf(second); of {
			o.Batch = append(o.Batch, carrier)
		}
		second, ok = c.Element()
	}
}

// record has the members of a record that are looked into.
type record struct {
	source                                   string
	messageID, attributes, system, body, sns []byte
}

func recordOf(object []byte) (Carrier, bool) {
	var r record
	for name, value := range (place{object: object}).members {
		switch string(name) {
		case "eventSource", "EventSource":
			r.source = jsonscan.Text(value)
		case "messageId":
			r.messageID = value
		case "messageAttributes":
			r.attributes = value
		case "attributes":
			r.system = value
		case "body":
			r.body = value
		case "Sns":
			r.sns = value
		}
	}
	return r.carrier()
}

func (r record) carrier() (Carrier, bool) {
	switch r.source {
	case "aws:sqs":
		return Carrier{
			MessageID: jsonscan.Text(r.messageID),
			places:    [3]place{{r.attributes, ofSQS}},
			xray:      jsonscan.Find(r.system, "AWSTraceHeader"),
			body:      r.body,
		}.unwrapped(), true
	case "aws:sns":
		return Carrier{
			MessageID: jsonscan.Text(jsonscan.Find(r.sns, "MessageId")),
			places:    [3]place{{jsonscan.Find(r.sns, "MessageAttributes"), ofSNS}},
		}, true
	default:
		return Carrier{}, false
	}
}
