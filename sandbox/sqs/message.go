package sqs

import (
	"crypto/md5" //nolint:gosec // SQS's checksums are MD5
	"encoding/binary"
	"encoding/hex"
	"hash"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// message is a message of a queue.
type message struct {
	id         string
	body       string
	attributes map[string]attribute
	system     map[string]attribute // AWSTraceHeader
	group      string               // MessageGroupId, which standard queues take for fairness
	sent       time.Time
	source     string // the ARN of the queue from which it became a dead letter

	visible       time.Time // from when on it can be received
	received      int
	firstReceived time.Time
	lastReceived  time.Time
	handle        string // of the last receive; empty before the first
	index         int    // in the hidden heap
	gone          bool   // deleted, or moved to another queue
}

// attribute is a message attribute, in the members that requests and answers have.
type attribute struct {
	DataType    string
	StringValue *string `json:",omitempty"`
	BinaryValue []byte  `json:",omitempty"`
}

func (a attribute) check(name string) error {
	kind, _, _ := strings.Cut(a.DataType, ".")
	switch {
	case name == "" || len(name) > 256:
		return invalidValue("Length of message attribute name must be less than 256 bytes.")
	case kind != "String" && kind != "Number" && kind != "Binary":
		return invalidValue("The type of message (user) attribute '%s' is invalid. You must use only the following "+
			"supported type prefixes: Binary, Number, String.", name)
	case kind == "Binary" && len(a.BinaryValue) == 0, kind != "Binary" && a.text() == "":
		return invalidValue("The message (user) attribute '%s' must contain a non-empty value of type '%s'.", name, kind)
	}
	return nil
}

func (a attribute) text() string {
	if a.StringValue == nil {
		return ""
	}
	return *a.StringValue
}

func (a attribute) size(name string) int {
	return len(name) + len(a.DataType) + len(a.text()) + len(a.BinaryValue)
}

// size is what counts against MaximumMessageSize.
func size(body string, attributes map[string]attribute) int {
	total := len(body)
	for name, a := range attributes {
		total += a.size(name)
	}
	return total
}

// checkBody refuses what XML 1.0 could not hold.
// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
func checkBody(body string) error {
	if body == "" {
		return missing("MessageBody")
	}
	bad := !utf8.ValidString(body) || strings.ContainsFunc(body, func(r rune) bool {
		return (r < ' ' && r != '\t' && r != '\n' && r != '\r') || r == 0xFFFE || r == 0xFFFF
	})
	if bad {
		return awswire.Errorf("InvalidMessageContents", "Invalid characters found. Valid unicode characters are "+
			"#x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF")
	}
	return nil
}

func md5Hex(text string) string {
	sum := md5.Sum([]byte(text)) //nolint:gosec // as SDKs compare it
	return hex.EncodeToString(sum[:])
}

// md5OfAttributes is the checksum of message attributes; empty without any.
// Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
func md5OfAttributes(attributes map[string]attribute) string {
	if len(attributes) == 0 {
		return ""
	}
	sum := md5.New() //nolint:gosec // as SDKs compare it
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		a := attributes[name]
		writeCounted(sum, []byte(name))
		writeCounted(sum, []byte(a.DataType))
		if strings.HasPrefix(a.DataType, "Binary") {
			_, _ = sum.Write([]byte{2})
			writeCounted(sum, a.BinaryValue)
			continue
		}
		_, _ = sum.Write([]byte{1})
		writeCounted(sum, []byte(a.text()))
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// writeCounted hashes a length, in four bytes, and what has that length. A hash never fails.
func writeCounted(sum hash.Hash, data []byte) {
	_, _ = sum.Write(binary.BigEndian.AppendUint32(nil, uint32(len(data))))
	_, _ = sum.Write(data)
}
