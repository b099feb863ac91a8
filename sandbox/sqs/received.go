package sqs

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// received is a message as it is received.
type received struct {
	MessageID         string `json:"MessageId"`
	ReceiptHandle     string
	MD5OfBody         string
	Body              string
	Attributes        map[string]string    `json:",omitempty"`
	MD5OfAttributes   string               `json:"MD5OfMessageAttributes,omitempty"`
	MessageAttributes map[string]attribute `json:",omitempty"`
}

func (m *message) receive(q *queue, now time.Time) {
	m.received++
	m.lastReceived = now
	if m.firstReceived.IsZero() {
		m.firstReceived = now
	}
	m.handle = newHandle(q, m)
}

func (m *message) describe(in receiveInput) received {
	own := map[string]attribute{}
	for name, a := range m.attributes {
		if wanted(name, in.MessageNames) {
			own[name] = a
		}
	}
	return received{
		MessageID: m.id, ReceiptHandle: m.handle, MD5OfBody: md5Hex(m.body), Body: m.body,
		Attributes:        m.systemAttributes(slices.Concat(in.AttributeNames, in.SystemNames)),
		MessageAttributes: own, MD5OfAttributes: md5OfAttributes(own),
	}
}

// wanted tells whether a message attribute is among those asked for: by name, by prefix ("order.*"), or all.
func wanted(name string, names []string) bool {
	return slices.ContainsFunc(names, func(asked string) bool {
		prefix, isPrefix := strings.CutSuffix(asked, ".*")
		return asked == "All" || asked == name || (isPrefix && strings.HasPrefix(name, prefix))
	})
}

func (m *message) systemAttributes(names []string) map[string]string {
	all := map[string]string{
		"SenderId":                         "AIDASANDBOX",
		"SentTimestamp":                    milliseconds(m.sent),
		"ApproximateReceiveCount":          strconv.Itoa(m.received),
		"ApproximateFirstReceiveTimestamp": milliseconds(m.firstReceived),
		"DeadLetterQueueSourceArn":         m.source,
		"MessageGroupId":                   m.group,
		"AWSTraceHeader":                   m.system["AWSTraceHeader"].text(),
	}
	out := map[string]string{}
	for name, value := range all {
		if value != "" && (slices.Contains(names, "All") || slices.Contains(names, name)) {
			out[name] = value
		}
	}
	return out
}

func milliseconds(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }
