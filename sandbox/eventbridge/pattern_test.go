package eventbridge

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// event is what the pattern table below is about.
const event = `{
  "source": "aws.s3", "detail-type": "Object Created", "resources": ["arn:aws:s3:::images", "arn:aws:s3:::other"],
  "detail": {
    "bucket": {"name": "images"}, "object": {"key": "in/Cat.PNG", "size": 5, "ratio": 1.50, "tags": []},
    "reason": "PutObject", "ok": true, "none": null, "source-ip-address": "10.0.0.7",
    "records": [{"name": "a", "n": 1}, {"name": "b", "n": 2}]
  }
}`

func TestPattern(t *testing.T) {
	key := func(filter string) string { return `{"detail":{"object":{"key":[` + filter + `]}}}` }
	size := func(filter string) string { return `{"detail":{"object":{"size":[` + filter + `]}}}` }
	cases := []struct {
		name, pattern string
		want          bool
	}{
		{"source", `{"source":["aws.s3"]}`, true},
		{"other source", `{"source":["aws.ec2"]}`, false},
		{"one of several", `{"source":["aws.ec2","aws.s3"]}`, true},
		{"all fields", `{"source":["aws.s3"],"detail-type":["Object Created"],"detail":{"bucket":{"name":["images"]}}}`, true},
		{"one field differs", `{"source":["aws.s3"],"detail":{"bucket":{"name":["else"]}}}`, false},
		{"element of an array", `{"resources":["arn:aws:s3:::other"]}`, true},
		{"no element", `{"resources":["arn:aws:s3:::none"]}`, false},
		{"true", `{"detail":{"ok":[true]}}`, true},
		{"false", `{"detail":{"ok":[false]}}`, false},
		{"null", `{"detail":{"none":[null]}}`, true},
		{"absent is not null", `{"detail":{"missing":[null]}}`, false},
		{"number", size(`5`), true},
		{"a number is no string", size(`"5"`), false},
		{"a string is no number", key(`5`), false},
		{"prefix", key(`{"prefix":"in/"}`), true},
		{"other prefix", key(`{"prefix":"out/"}`), false},
		{"prefix with case", key(`{"prefix":"IN/"}`), false},
		{"prefix without case", key(`{"prefix":{"equals-ignore-case":"IN/"}}`), true},
		{"suffix", key(`{"suffix":".PNG"}`), true},
		{"other suffix", key(`{"suffix":".png"}`), false},
		{"suffix without case", key(`{"suffix":{"equals-ignore-case":".png"}}`), true},
		{"alternatives", key(`{"suffix":".jpeg"},{"suffix":".PNG"}`), true},
		{"equals-ignore-case", key(`{"equals-ignore-case":"IN/CAT.png"}`), true},
		{"not equals-ignore-case", key(`{"equals-ignore-case":"IN/CAT"}`), false},
		{"wildcard", key(`{"wildcard":"in/*.PNG"}`), true},
		{"wildcard at both ends", key(`{"wildcard":"*Cat*"}`), true},
		{"wildcard in order", key(`{"wildcard":"*Cat*in*"}`), false},
		{"wildcard does not overlap", key(`{"wildcard":"in/Cat.PNG*G"}`), false},
		{"wildcard escaped", key(`{"wildcard":"in/\\*"}`), false},
		{"wildcard on a number", size(`{"wildcard":"*"}`), false},
		{"anything-but", key(`{"anything-but":"in/Dog.PNG"}`), true},
		{"anything-but itself", key(`{"anything-but":"in/Cat.PNG"}`), false},
		{"anything-but list", key(`{"anything-but":["a","in/Cat.PNG"]}`), false},
		{"anything-but number", size(`{"anything-but":[4,6]}`), true},
		{"anything-but absent", `{"detail":{"missing":[{"anything-but":"a"}]}}`, false},
		{"anything-but prefix", key(`{"anything-but":{"prefix":"in/"}}`), false},
		{"anything-but prefixes", key(`{"anything-but":{"prefix":["x","out/"]}}`), true},
		{"anything-but suffix", key(`{"anything-but":{"suffix":".PNG"}}`), false},
		{"anything-but wildcard", key(`{"anything-but":{"wildcard":"*Cat*"}}`), false},
		{"anything-but ignore case", key(`{"anything-but":{"equals-ignore-case":["IN/CAT.PNG"]}}`), false},
		{"exists", key(`{"exists":true}`), true},
		{"exists not", key(`{"exists":false}`), false},
		{"absent exists not", `{"detail":{"missing":[{"exists":false}]}}`, true},
		{"below absent exists not", `{"detail":{"missing":{"deep":[{"exists":false}]}}}`, true},
		{"an object is no leaf", `{"detail":{"object":[{"exists":true}]}}`, false},
		{"an empty array is absent", `{"detail":{"object":{"tags":[{"exists":false}]}}}`, true},
		{"numeric equal", size(`{"numeric":["=",5.0]}`), true},
		{"numeric range", size(`{"numeric":[">",0,"<=",5]}`), true},
		{"numeric outside", size(`{"numeric":[">",0,"<",5]}`), false},
		{"numeric fraction", `{"detail":{"object":{"ratio":[{"numeric":[">=",1.5]}]}}}`, true},
		{"numeric on a string", key(`{"numeric":[">",0]}`), false},
		{"cidr", `{"detail":{"source-ip-address":[{"cidr":"10.0.0.0/24"}]}}`, true},
		{"other cidr", `{"detail":{"source-ip-address":[{"cidr":"10.0.1.0/24"}]}}`, false},
		{"or", `{"$or":[{"source":["x"]},{"detail":{"reason":["PutObject"]}}]}`, true},
		{"neither", `{"$or":[{"source":["x"]},{"source":["y"]}]}`, false},
		{"or and", `{"source":["x"],"$or":[{"source":["aws.s3"]},{"source":["y"]}]}`, false},
		{"objects in an array", `{"detail":{"records":{"name":["b"]}}}`, true},
		{"one object has both", `{"detail":{"records":{"name":["b"],"n":[2]}}}`, true},
		{"no object has both", `{"detail":{"records":{"name":["a"],"n":[2]}}}`, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			pattern, err := ParsePattern(c.pattern)
			require.NoError(t, err)
			require.Equal(t, c.want, pattern.Matches([]byte(event)))
		})
	}
}

func TestPatternErrors(t *testing.T) {
	for _, pattern := range []string{
		``, `[]`, `"x"`, `{`, `{} {}`, `{}`, `{"source":"aws.s3"}`, `{"source":[]}`, `{"source":{}}`, `{"source":[["a"]]}`,
		`{"source":[{"like":"a"}]}`, `{"source":[{"prefix":1}]}`, `{"source":[{"prefix":"a","suffix":"b"}]}`,
		`{"source":[{"exists":"yes"}]}`, `{"source":[{"numeric":[">"]}]}`, `{"source":[{"numeric":["~",1]}]}`,
		`{"source":[{"numeric":[">","1"]}]}`, `{"source":[{"anything-but":[]}]}`, `{"source":[{"anything-but":[true]}]}`,
		`{"source":[{"anything-but":{"numeric":[">",1]}}]}`, `{"source":[{"wildcard":"a**b"}]}`,
		`{"source":[{"wildcard":"a\\x"}]}`, `{"source":[{"cidr":"10.0.0.0"}]}`, `{"source":[{}]}`,
		`{"$or":[{"source":["a"]}]}`, `{"$or":["a","b"]}`, `{"source":["` + strings.Repeat("a", 4096) + `"]}`,
	} {
		_, err := ParsePattern(pattern)
		var e *awswire.Error
		require.ErrorAs(t, err, &e, "%.80s", pattern)
		require.Equal(t, "InvalidEventPatternException", e.Code)
		require.True(t, strings.HasPrefix(e.Message, "Event pattern is not valid. Reason: "), e.Message)
	}
}

func TestPatternOnRecordedEvents(t *testing.T) {
	folder := os.Getenv("STEPTRACE_RECORDINGS")
	if folder == "" {
		t.Skip("STEPTRACE_RECORDINGS is not set")
	}
	cases := map[string]string{
		"s3_put_object_via_cloudtrail_docs.json": `{"source":["aws.s3"],"detail-type":["AWS API Call via CloudTrail"],
			"detail":{"eventSource":["s3.amazonaws.com"],"eventName":["PutObject"],
			"requestParameters":{"bucketName":["username-sfn-tutorial"],"key":[{"suffix":".png"}]}}}`,
		"s3_eventbridge_object_created_putobject_docs.json": `{"source":["aws.s3"],"detail-type":["Object Created"],
			"detail":{"bucket":{"name":["DOC-EXAMPLE-BUCKET1"]},"object":{"size":[{"numeric":[">",0]}]}}}`,
		"sfn_status_change_succeeded_recorded_2.json": `{"source":["aws.states"],"detail":{"status":["SUCCEEDED"],"error":[null]}}`,
	}
	for file, text := range cases {
		recorded, err := os.ReadFile(filepath.Join(folder, "events", file))
		require.NoError(t, err)
		for other, otherText := range cases {
			pattern, err := ParsePattern(otherText)
			require.NoError(t, err)
			require.Equal(t, file == other, pattern.Matches(recorded), "%s on %s", text, file)
		}
	}
}

func FuzzPattern(f *testing.F) {
	f.Add(`{"a":["b",{"prefix":"c"},{"wildcard":"a*\\*b"}],"$or":[{"x":[1]},{"y":[{"exists":false}]}]}`, `{"a":"b","x":1}`)
	f.Add(`{"a":{"b":[{"numeric":[">",0,"<=",5e9]},{"anything-but":{"suffix":["x"]}}]}}`, `{"a":[{"b":[1e308,{}]}]}`)
	f.Add(`{"a":[{"cidr":"10.0.0.0/8"},null,true]}`, event)
	f.Fuzz(func(t *testing.T, text, event string) {
		pattern, err := ParsePattern(text)
		if err != nil {
			require.True(t, strings.HasPrefix(awswire.AsError(err).Code, "InvalidEventPattern"), "%v", err)
			return
		}
		require.True(t, json.Valid([]byte(text)))
		if pattern.Matches([]byte(event)) {
			require.True(t, json.Valid([]byte(event)))
		}
	})
}
