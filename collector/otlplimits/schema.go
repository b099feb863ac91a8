package otlplimits

// message is a message type of OTLP: what may be in it and what a decoded one takes.
type message struct {
	memory  int64 // of the Go value, with what a growing slice has to spare
	nesting bool  // what is in it is one level deeper
	fields  [maxField + 1]*message
	texts   uint32 // bit n is set for a string with number n
}

// maxField is the highest number of a field that holds a message or a string, but for deprecatedScopes.
const maxField = 15

// deprecatedScopes is the number that the scopes of a resource had before OTLP 0.16. Decoders still read it.
const deprecatedScopes = 1000

func (m *message) field(number int32) *message {
	switch {
	case number == deprecatedScopes && m.fields[2] != nil && m.fields[2].fields[1] == scope:
		return m.fields[2]
	case number > maxField:
		return nil
	}
	return m.fields[number]
}

func (m *message) isText(number int32) bool { return number <= maxField && m.texts>>number&1 == 1 }

func texts(numbers ...int) (bits uint32) {
	for _, n := range numbers {
		bits |= 1 << n
	}
	return bits
}

type fields = [maxField + 1]*message

// The messages of opentelemetry/proto/{common,resource,trace,logs,metrics}/v1.
var (
	value    = &message{memory: 40, texts: texts(1)}
	keyValue = &message{memory: 80, texts: texts(1), fields: fields{2: value}}
	array    = &message{memory: 64, nesting: true, fields: fields{1: value}}
	object   = &message{memory: 64, nesting: true, fields: fields{1: keyValue}}
	scope    = &message{memory: 96, texts: texts(1, 2), fields: fields{3: keyValue}}
	entity   = &message{memory: 128, texts: texts(1, 2, 3, 4)}
	resource = &message{memory: 96, fields: fields{1: keyValue, 3: entity}}

	span = &message{
		memory: 320, texts: texts(3, 5),
		fields: fields{
			9:  keyValue,
			11: {memory: 96, texts: texts(2), fields: fields{3: keyValue}},
			13: {memory: 112, texts: texts(3), fields: fields{4: keyValue}},
			15: {memory: 48, texts: texts(2)},
		},
	}
	logRecord = &message{memory: 240, texts: texts(3, 12), fields: fields{5: value, 6: keyValue}}

	exemplar = &message{memory: 128, fields: fields{7: keyValue}}
	buckets  = &message{memory: 64}
	metric   = &message{
		memory: 160, texts: texts(1, 2, 3),
		fields: fields{
			5:  points(&message{memory: 144, fields: fields{5: exemplar, 7: keyValue}}),
			7:  points(&message{memory: 144, fields: fields{5: exemplar, 7: keyValue}}),
			9:  points(&message{memory: 240, fields: fields{8: exemplar, 9: keyValue}}),
			10: points(&message{memory: 320, fields: fields{1: keyValue, 8: buckets, 9: buckets, 11: exemplar}}),
			11: points(&message{memory: 144, fields: fields{6: {memory: 48}, 7: keyValue}}),
			12: keyValue,
		},
	}
)

var requests = map[Signal]*message{Traces: request(span), Logs: request(logRecord), Metrics: request(metric)}

// init closes the circle of values in values.
func init() { value.fields[5], value.fields[6] = array, object }

func points(point *message) *message { return &message{memory: 64, fields: fields{1: point}} }

// request is an export request of what scopes have.
func request(leaf *message) *message {
	scopes := &message{memory: 176, texts: texts(3), fields: fields{1: scope, 2: leaf}}
	return &message{fields: fields{1: {memory: 176, texts: texts(3), fields: fields{1: resource, 2: scopes}}}}
}
