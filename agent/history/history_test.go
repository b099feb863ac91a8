package history_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/agent/history/historytest"
)

func TestDecode(t *testing.T) {
	got, err := history.Decode("x", []byte(`{"events":[
		{"timestamp":1709720951.197,"type":"MapIterationStarted","id":5,"previousEventId":3,
		 "mapIterationStartedEventDetails":{"index":0,"name":"Map","shoeSize":{"eu": 43}},"weather":["fair"]},
		{"timestamp":"2024-03-06T11:29:11.241000+01:00","type":"TaskTeleported","id":6}
	],"nextToken":"t"}`))
	require.NoError(t, err)
	require.Len(t, got, 2)
	require.Equal(t, int64(5), got[0].ID)
	require.Equal(t, int64(3), got[0].PreviousID)
	require.Equal(t, int64(1709720951197e6), got[0].Time.UnixNano())
	require.Equal(t, "Map", got[0].Details.Name)
	require.Equal(t, int64(0), *got[0].Details.Index)
	require.Equal(t, `{"name":"Map","index":0,"shoeSize":{"eu":43},"weather":["fair"]}`, got[0].Details.JSON())
	require.Equal(t, "TaskTeleported", got[1].Type)
	require.Equal(t, int64(1709720951241e6), got[1].Time.UnixNano())
	require.Equal(t, "{}", got[1].Details.JSON())
}

func TestTimestampsAreExactToTheMillisecond(t *testing.T) {
	for _, c := range []struct {
		json string
		ms   int64
	}{
		{"1709720951.197", 1709720951197},
		{"1.709720951197E9", 1709720951197},
		{"1709720951", 1709720951000},
		{"0", 0},
		{"4102444800.999", 4102444800999},
		{`"2024-03-06T10:29:11.197Z"`, 1709720951197},
	} {
		got, err := history.Decode("x", fmt.Appendf(nil, `{"events":[{"id":1,"type":"T","timestamp":%s}]}`, c.json))
		require.NoError(t, err, c.json)
		require.Equal(t, c.ms*1e6, got[0].Time.UnixNano(), c.json)
		require.Equal(t, time.UTC, got[0].Time.Location())
	}
}

func TestDecodeNamesWhatIsMalformed(t *testing.T) {
	cases := []struct{ name, body, want string }{
		{"not JSON", `{"events":[`, "history h.json is not the JSON of GetExecutionHistory"},
		{"no events", `{}`, `history h.json has no member "events"`},
		{"null events", `{"events":null}`, `history h.json has no member "events"`},
		{"event is text", `{"events":["x"]}`, `event 1 (id 0): want an object, have "x"`},
		{"no id", `{"events":[{"type":"T","timestamp":1}]}`, "event 1 (id 0): id: is missing"},
		{"id 0", `{"events":[{"id":0,"type":"T","timestamp":1}]}`, "id: want an integer from 1, have 0"},
		{"id beyond", `{"events":[{"id":9223372036854775808,"type":"T","timestamp":1}]}`, "id: want an integer"},
		{"id fraction", `{"events":[{"id":1.5,"type":"T","timestamp":1}]}`, "id: want an integer from 1, have 1.5"},
		{"no type", `{"events":[{"id":7,"timestamp":1}]}`, "event 1 (id 7): type: is missing"},
		{"empty type", `{"events":[{"id":7,"timestamp":1,"type":""}]}`, "(id 7): type: want the event's type"},
		{"no time", `{"events":[{"id":7,"type":"T"}]}`, "timestamp: is missing"},
		{"time is null", `{"events":[{"id":7,"type":"T","timestamp":null}]}`, "timestamp: want epoch seconds"},
		{"time of words", `{"events":[{"id":7,"type":"T","timestamp":"noon"}]}`, `timestamp: want epoch seconds or an ISO`},
		{"time beyond nanoseconds", `{"events":[{"id":7,"type":"T","timestamp":1e300}]}`, "timestamp: want epoch seconds"},
		{"time before 1970", `{"events":[{"id":7,"type":"T","timestamp":-1}]}`, "timestamp: want epoch seconds"},
		{
			"second event's details", `{"events":[{"id":1,"type":"T","timestamp":1},
			{"id":2,"type":"TaskStateEntered","timestamp":1,"stateEnteredEventDetails":{"name":5}}]}`,
			"event 2 (id 2): stateEnteredEventDetails.name: want a string, have 5",
		},
		{
			"details are a list", `{"events":[{"id":1,"type":"T","timestamp":1,"tEventDetails":[]}]}`,
			"tEventDetails: want an object, have []",
		},
		{
			"index is text", `{"events":[{"id":1,"type":"T","timestamp":1,"mEventDetails":{"index":"0"}}]}`,
			`mEventDetails.index: want an integer from 0, have "0"`,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := history.Decode("h.json", []byte(c.body))
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, "h.json")
		})
	}
}

func TestDetailsKeepWhatSaysSomething(t *testing.T) {
	got, err := history.Decode("x", []byte(`{"events":[{"id":1,"type":"TaskFailed","timestamp":1,
		"taskFailedEventDetails":{"error":"","cause":"a \"b\"\n\u0001<é>","resource":null,"resourceType":"x"}}]}`))
	require.NoError(t, err)
	require.Equal(t, `{"resourceType":"x","cause":"a \"b\"\n\u0001<é>","error":""}`, got[0].Details.JSON())
}

// The API writes é and <, Python's json é as an escape, Go's <; the SDK has lost the order of members.
func TestDetailsAreTheSameHoweverTheyAreWritten(t *testing.T) {
	for _, rest := range []string{
		`"a":{"x":"é<","y":[1.50,true,null,"\t\/"]}`,
		`"a": {"y": [1.50, true, null, "\u0009/"], "x": "\u00e9\u003c"}`,
	} {
		got, err := history.Decode("x", []byte(`{"events":[{"id":1,"type":"T","timestamp":1,"tEventDetails":{`+rest+`}}]}`))
		require.NoError(t, err)
		require.Equal(t, `{"a":{"x":"é<","y":[1.50,true,null,"\u0009/"]}}`, got[0].Details.JSON())
	}
}

func TestSortPutsReverseOrderRight(t *testing.T) {
	events := []history.Event{{ID: 3}, {ID: 2}, {ID: 1}}
	history.Sort(events)
	require.Equal(t, []history.Event{{ID: 1}, {ID: 2}, {ID: 3}}, events)
}

// TestTheSDKSaysTheSame reads every recording through an SDK client over HTTP and compares with Decode.
func TestTheSDKSaysTheSame(t *testing.T) {
	files := historytest.Recorded(t, "histories/*.history.json", 436)
	var body []byte
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = w.Write(body)
	}))
	defer web.Close()
	api := sfn.New(sfn.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(web.URL), Credentials: aws.AnonymousCredentials{},
	})
	for _, file := range files {
		body = historytest.Read(t, file)
		want, err := history.Decode(file, body)
		require.NoError(t, err)
		out, err := api.GetExecutionHistory(t.Context(), &sfn.GetExecutionHistoryInput{ExecutionArn: aws.String("arn:x")})
		require.NoError(t, err, file)
		require.Len(t, out.Events, len(want), file)
		for i, e := range out.Events {
			require.Equal(t, historytest.FromSDK(t, e), want[i], "%s event %d", file, e.Id)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"events":[{"id":1,"previousEventId":0,"type":"ExecutionStarted","timestamp":1709720951.197,
		"executionStartedEventDetails":{"input":"{}","inputDetails":{"truncated":false},"roleArn":"arn"}}]}`))
	f.Add([]byte(`{"events":[{"id":2,"type":"MapIterationStarted","timestamp":"2024-03-06T10:29:11Z",
		"mapIterationStartedEventDetails":{"index":3,"name":"\ud800"}}],"x":[]}`))
	f.Add([]byte(`{"events":[{}]}`))
	historytest.Seeds(f, "histories/*.history.json")
	f.Fuzz(func(t *testing.T, body []byte) {
		events, err := history.Decode("fuzz", body)
		if err != nil {
			return
		}
		for _, e := range events {
			if e.ID < 1 || e.Type == "" || e.Time.UnixNano() < 0 {
				t.Fatalf("accepted %+v", e)
			}
			again, err := history.Decode("again", fmt.Appendf(nil,
				`{"events":[{"id":1,"type":"T","timestamp":1,"tEventDetails":%s}]}`, e.Details.JSON()))
			if err != nil {
				t.Fatalf("details are no JSON: %v", err)
			}
			if again[0].Details.JSON() != e.Details.JSON() {
				t.Fatalf("details %s became %s", e.Details.JSON(), again[0].Details.JSON())
			}
		}
	})
}
