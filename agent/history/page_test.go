package history_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent/history"
)

func TestDecodePages(t *testing.T) {
	pages, err := history.DecodePages("x", []byte("\ufeff"+`{"events":[{"id":2,"type":"B","timestamp":2}],"nextToken":"t"}
		[{"id":1,"type":"A","timestamp":"1970-01-01T00:00:01Z"}]{"executionArn":"arn:x","events":[]}`))
	require.NoError(t, err)
	require.Len(t, pages, 3)
	require.Equal(t, "B", pages[0].Events[0].Type)
	require.Equal(t, int64(1000), pages[1].Events[0].Time.UnixMilli())
	require.Equal(t, history.Page{ExecutionARN: "arn:x", Events: []history.Event{}}, pages[2])
}

// Others than the AWS CLI keep histories, too.
func TestDecodePagesReadsOtherForms(t *testing.T) {
	const a, b = `{"id":1,"type":"A","timestamp":1}`, `{"id":2,"type":"B","timestamp":2}`
	want := []string{"A", "B"}
	for name, body := range map[string]string{
		"JSON lines":             a + "\n" + b + "\r\n",
		"list of pages":          `[{"events":[` + a + `]},{"events":[` + b + `],"nextToken":null}]`,
		"details that are null":  `[{"activityFailedEventDetails":null,` + a[1:] + "," + b + `]`,
		"a link that is null":    `[{"previousEventId":null,` + a[1:] + "," + b + `]`,
		"Python's default times": strings.Replace(a, `:1}`, `:"1970-01-01 00:00:01.000000+00:00"}`, 1) + b,
		"offset without a colon": strings.Replace(a, `:1}`, `:"1970-01-01T02:00:01.000+0200"}`, 1) + b,
	} {
		pages, err := history.DecodePages("x", []byte(body))
		require.NoError(t, err, name)
		var got []string
		for _, p := range pages {
			for _, e := range p.Events {
				got = append(got, e.Type)
				require.Equal(t, e.ID*1000, e.Time.UnixMilli(), name)
				require.Empty(t, e.Details, name)
			}
		}
		require.Equal(t, want, got, name)
	}
}

// Serializers of objects write all members that an event can have.
func TestNullDetailsGiveWayToThoseOfTheEvent(t *testing.T) {
	pages, err := history.DecodePages("x", []byte(`[{"id":1,"type":"TaskStateEntered","timestamp":1,
		"activityFailedEventDetails":null,"stateEnteredEventDetails":{"name":"A"},"taskFailedEventDetails":null}]`))
	require.NoError(t, err)
	require.Equal(t, history.Details{Name: "A"}, pages[0].Events[0].Details)
}

func TestDecodePagesNamesThePageThatIsMalformed(t *testing.T) {
	const page = `{"events":[{"id":1,"type":"T","timestamp":1}]}`
	cases := []struct{ name, body, want string }{
		{"nothing", " \n", "history h.json is empty"},
		{"not JSON", "executions:", "h.json is not JSON: invalid character"},
		{"cut off", page + "\n" + page[:20], "h.json:2 is not whole"},
		{"second page", page + "\n\n{\"events\":[{\"id\":5,\"type\":\"T\"}]}", "history h.json:3: event 1 (id 5): timestamp: is missing"},
		{"third page", "\n" + page + page + "\n{}", `history h.json:3 has no member "events"`},
		{"event of JSON lines", `{"id":7,"type":"T","timestamp":"noon"}`, "history h.json: event 7: timestamp: want epoch"},
		{"list of words", `["a"]`, `history h.json: event 1 (id 0): want an object, have "a"`},
		{"text", `"a"`, "history h.json is not the JSON of GetExecutionHistory"},
		{"log lines", `{"execution_arn":"arn:x","id":"1"}`, "history h.json: these are lines of CloudWatch Logs"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := history.DecodePages("h.json", []byte(c.body))
			require.ErrorContains(t, err, c.want)
		})
	}
}
