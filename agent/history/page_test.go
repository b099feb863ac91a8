package history_test

import (
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

func TestDecodePagesNamesThePageThatIsMalformed(t *testing.T) {
	const page = `{"events":[{"id":1,"type":"T","timestamp":1}]}`
	cases := []struct{ name, body, want string }{
		{"nothing", " \n", "history h.json is empty"},
		{"not JSON", "executions:", "h.json is not JSON: invalid character"},
		{"cut off", page + "\n" + page[:20], "h.json:2 is not whole"},
		{"second page", page + "\n\n{\"events\":[{\"id\":5,\"type\":\"T\"}]}", "history h.json:3: event 1 (id 5): timestamp: is missing"},
		{"third page", "\n" + page + page + "\n{}", `history h.json:3 has no member "events"`},
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
