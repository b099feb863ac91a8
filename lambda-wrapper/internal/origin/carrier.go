package origin

import (
	"bytes"
	"strings"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/jsonscan"
)

// Carrier holds the trace headers that came with one record or request; it is a propagation.TextMapCarrier. Where they
// can be in several places, the first that has a header counts.
type Carrier struct {
	// MessageID names the record, empty when it has no name.
	MessageID string

	places [3]place
	xray   []byte // the X-Ray header that SQS keeps apart
	body   []byte // raw, a JSON text; looked into last
}

// place is a JSON object whose members are headers: texts, or objects with the text in a member called field.
type place struct {
	object []byte
	field  string
}

const xrayHeader = "X-Amzn-Trace-Id"

// How the services write message attributes.
const (
	ofSQS = "stringValue"
	ofSNS = "Value"
)

// Get implements propagation.TextMapCarrier. Names are compared without case, as HTTP's are.
func (c Carrier) Get(key string) string {
	for _, p := range c.places {
		if v := p.get(key); v != "" {
			return v
		}
	}
	if strings.EqualFold(key, xrayHeader) {
		return jsonscan.Text(c.xray)
	}
	return ""
}

// Set implements propagation.TextMapCarrier; events are read only.
func (c Carrier) Set(string, string) {}

// Keys implements propagation.TextMapCarrier.
func (c Carrier) Keys() []string {
	var names []string
	for _, p := range c.places {
		for name := range p.members {
			names = append(names, string(name))
		}
	}
	return names
}

func (p place) get(key string) string {
	for name, value := range p.members {
		if !bytes.EqualFold(name, []byte(key)) {
			continue
		}
		if p.field != "" {
			value = jsonscan.Find(value, p.field)
		}
		if list := jsonscan.New(value); list.Take('[') { // a load balancer's multiValueHeaders
			value, _ = list.Element()
		}
		return jsonscan.Text(value)
	}
	return ""
}

// members iterates over the object's members.
func (p place) members(yield func(name, value []byte) bool) {
	c := jsonscan.New(p.object)
	if !c.Take('{') {
		return
	}
	for {
		name, ok := c.Member()
		if !ok {
			return
		}
		value := c.Value()
		if value == nil || !yield(name, value) {
			return
		}
	}
}

// unwrapped is the carrier with the headers inside its body, if that is the envelope of an SNS message or an event
// with headers of ours in its detail. Bodies are decoded for that, so that others are told apart first.
func (c Carrier) unwrapped() Carrier {
	if !bytes.Contains(c.body, []byte("MessageAttributes")) && !mentionsOwnKey(c.body) {
		return c
	}
	body := []byte(jsonscan.Text(c.body))
	c.places[1] = place{jsonscan.Find(body, "MessageAttributes"), ofSNS}
	if own := ownMember(body); own != nil {
		c.places[2] = place{object: own}
	} else {
		c.places[2] = place{object: ownMember(jsonscan.Find(body, "detail"))}
	}
	return c
}
