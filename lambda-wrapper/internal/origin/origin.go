// Package origin reads from a Lambda function's event where it comes from: the execution of Step Functions that invoked
// the function, and the trace headers of records and requests. It decodes nothing else, and whatever the event is, its
// cost is linear.
package origin

import (
	"bytes"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/jsonscan"
)

// Own and Datadog are the members of an event, or of an EventBridge event's detail, that hold a context object or trace
// headers. Datadog's is read because many state machines pass it already.
const (
	Own     = "_steptrace"
	Datadog = "_datadog"
)

// MaxRecords bounds the records of a batch whose headers are read; a span has at most as many links.
const MaxRecords = 128

// Origin is what an event says.
type Origin struct {
	Execution Execution
	// Request is the carrier of an event that is one request, event or record. Nil without one.
	Request *Carrier
	// Batch has the carriers of several records.
	Batch []Carrier
}

// parts are the members of an event that are looked into, as they are written.
type parts struct {
	own, datadog, execution, state, payload []byte
	records, headers, detail                []byte
	http, event                             bool // has what only HTTP requests and events of EventBridge have
}

// Read reads an event. It keeps slices of the payload.
func Read(payload []byte) Origin {
	p := partsOf(payload)
	o := Origin{Execution: p.executionOf()}
	switch {
	case p.records != nil:
		o.readRecords(p.records)
	case p.http && p.headers != nil:
		o.Request = &Carrier{places: [3]place{{object: p.headers}}}
	case p.event && p.detail != nil:
		o.readDetail(p.detail)
	case p.own != nil:
		o.Request = &Carrier{places: [3]place{{object: p.own}}}
	}
	return o
}

func partsOf(payload []byte) parts {
	var p parts
	for name, value := range (place{object: payload}).members {
		switch string(name) {
		case Own:
			p.own = value
		case Datadog:
			p.datadog = value
		case "Execution":
			p.execution = value
		case "State":
			p.state = value
		case "Payload":
			p.payload = value
		case "Records":
			p.records = value
		case "headers", "multiValueHeaders":
			p.headers = value
		case "detail":
			p.detail = value
		case "requestContext", "httpMethod":
			p.http = true
		case "detail-type":
			p.event = true
		}
	}
	return p
}

// executionOf looks where a context object can be, the most explicit place first. "Payload" is what a state machine
// that passes a whole task's parameters to the function adds.
func (p parts) executionOf() Execution {
	for _, object := range [][]byte{p.own, p.datadog} {
		if e := executionOf(object); e.Known() {
			return e
		}
	}
	if e := executionFrom(p.execution, p.state); e.Known() || p.payload == nil {
		return e
	}
	inner := partsOf(p.payload)
	inner.payload = nil
	return inner.executionOf()
}

// readDetail reads an EventBridge event. What a task of Step Functions put into it may have the context object, too.
func (o *Origin) readDetail(detail []byte) {
	own := ownMember(detail)
	if !o.Execution.Known() {
		o.Execution = executionOf(own)
	}
	o.Request = &Carrier{places: [3]place{{object: own}, {object: detail}}}
}

func ownMember(object []byte) []byte {
	if !mentionsOwnKey(object) {
		return nil
	}
	if own := jsonscan.Find(object, Own); own != nil {
		return own
	}
	return jsonscan.Find(object, Datadog)
}

func mentionsOwnKey(text []byte) bool {
	return bytes.Contains(text, []byte(Own)) || bytes.Contains(text, []byte(Datadog))
}
