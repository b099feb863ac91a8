package convert

import (
	"strings"

	"github.com/tidwall/gjson"
	"go.opentelemetry.io/otel/attribute"

	"github.com/steptrace/steptrace/spanid/semconv"
)

// service is what is known of a service's calls: which names and ids to take from the parameters of a task and from
// what came back. Payloads are never taken.
type service struct {
	rpc       string // rpc.service, the SDK's id of it; empty: what is called is no AWS API
	constants []attribute.KeyValue
	sent      []field // from TaskScheduled.parameters
	received  []field // from the output of TaskSubmitted and TaskSucceeded
	failed    func(*node, *failure)
}

// field is a member that becomes an attribute: the path of gjson, which finds nothing in what is no JSON.
type field struct {
	path string
	key  string
	read reader // nil: a text
}

// reader makes attributes of a value that is there. A value of another kind than expected makes none.
type reader func(call *call, key string, v gjson.Result)

// call is an attempt's call while attributes are read from it.
type call struct {
	node     *node
	identity *identity
	region   string // where it goes; empty: the execution's
}

// Bounds of what a span says of names and ids.
const (
	longestName = 2 << 10
	mostNames   = 10
)

func (s *service) read(fields []field, c *call, text string) {
	if text == "" {
		return
	}
	for _, f := range fields {
		v := gjson.Get(text, f.path)
		switch {
		case !v.Exists():
		case f.read != nil:
			f.read(c, f.key, v)
		default:
			asText(c, f.key, v)
		}
	}
}

// put sets an attribute, in place of an earlier value.
func (n *node) put(a attribute.KeyValue) {
	for i := range n.span.Attributes {
		if n.span.Attributes[i].Key == a.Key {
			n.span.Attributes[i] = a
			return
		}
	}
	n.set(a)
}

func (n *node) putText(key, value string) {
	if value != "" {
		n.put(attribute.String(key, clip(strings.ToValidUTF8(value, "\ufffd"), longestName)))
	}
}

func asText(c *call, key string, v gjson.Result) {
	if v.Type == gjson.String {
		c.node.putText(key, strings.Clone(v.Str))
	}
}

func asNumber(c *call, key string, v gjson.Result) {
	if v.Type == gjson.Number {
		c.node.put(attribute.Int64(key, v.Int()))
	}
}

// asTexts makes a list of the different texts in a list.
func asTexts(c *call, key string, v gjson.Result) {
	var texts []string
	v.ForEach(func(_, each gjson.Result) bool {
		if each.Type == gjson.String {
			texts = appendNew(texts, each.Str)
		}
		return len(texts) < mostNames
	})
	if len(texts) > 0 {
		c.node.put(attribute.StringSlice(key, texts))
	}
}

func appendNew(texts []string, text string) []string {
	for _, t := range texts {
		if t == text {
			return texts
		}
	}
	return append(texts, clip(strings.ToValidUTF8(strings.Clone(text), "\ufffd"), longestName))
}

// asCount counts the elements of a list.
func asCount(c *call, key string, v gjson.Result) {
	if v.IsArray() {
		c.node.put(attribute.Int64(key, v.Get("#").Int()))
	}
}

// asLastPart is what follows the last slash or colon: the name in an ARN or in a queue's URL.
func asLastPart(c *call, key string, v gjson.Result) {
	if v.Type == gjson.String {
		c.node.putText(key, strings.Clone(v.Str[strings.LastIndexAny(v.Str, "/:")+1:]))
	}
}

// asARN is an ARN, or made from a name: asARN("ecs", "cluster/").
func asARN(serviceName, resource string) reader {
	return func(c *call, key string, v gjson.Result) {
		if v.Type == gjson.String && v.Str != "" {
			c.node.putText(key, c.arn(serviceName, resource, v.Str))
		}
	}
}

// requestIDs are where the responses of optimized integrations say the request's id.
var requestIDs = field{"SdkResponseMetadata.RequestId", semconv.AWSRequestID, nil}

// services are the integrations by resource type, without "aws-sdk:".
var services = func() map[string]*service {
	all := make(map[string]*service)
	for _, group := range []map[string]*service{storage, messaging, compute, analytics, models, requests} {
		for name, s := range group {
			all[name] = s
		}
	}
	return all
}()

// unknown is what is known of all others.
var unknown = &service{}
