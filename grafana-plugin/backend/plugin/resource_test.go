package plugin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/grafana-plugin/backend/visit"
	"github.com/steptrace/steptrace/store"
)

// call asks for a resource and reads its JSON.
func (s *stored) call(method, path string, parameters url.Values, to any) int {
	s.t.Helper()
	var answer *backend.CallResourceResponse
	err := s.CallResource(s.t.Context(), &backend.CallResourceRequest{
		Method: method, Path: path, URL: path + "?" + parameters.Encode(),
	}, backend.CallResourceResponseSenderFunc(func(r *backend.CallResourceResponse) error {
		answer = r
		return nil
	}))
	require.NoError(s.t, err)
	require.Equal(s.t, []string{"application/json"}, answer.Headers["Content-Type"])
	reflect.ValueOf(to).Elem().SetZero()
	require.NoError(s.t, json.Unmarshal(answer.Body, to), "%s", answer.Body)
	return answer.Status
}

func (s *stored) get(path string, to any, parameters ...string) {
	s.t.Helper()
	values := url.Values{}
	for n := 0; n < len(parameters); n += 2 {
		values.Add(parameters[n], parameters[n+1])
	}
	require.Equal(s.t, http.StatusOK, s.call("GET", path, values, to), "%s %v", path, parameters)
}

func millis(t time.Time) string { return fmt.Sprint(t.UnixMilli()) }

func TestMachinesAndRevisions(t *testing.T) {
	s := newStored(t)
	s.storeWorld()
	s.storeDefinition("orders", `{"StartAt":"Fetch"}`)
	var machines []store.StateMachine
	s.get("machines", &machines, "from", millis(day), "to", millis(now))
	require.Len(t, machines, 2)
	require.Equal(t, "express", machines[0].Name)
	require.Equal(t, uint64(1), machines[1].TimedOut)
	s.get("machines", &machines, "from", millis(now))
	require.Len(t, machines, 1, "the one whose definition is known")
	require.Zero(t, machines[0].Failed)

	for _, machine := range []string{"orders", account + "stateMachine:orders"} {
		var revisions []store.Revision
		s.get("revisions", &revisions, "machine", machine, "limit", "5")
		require.Len(t, revisions, 1)
		require.JSONEq(t, `{"StartAt":"Fetch"}`, string(revisions[0].Definition))
	}
}

func TestValuesToChooseFrom(t *testing.T) {
	s := newStored(t)
	s.storeWorld()
	for _, c := range []struct {
		parameters []string
		want       string
	}{
		{[]string{"of", "machines"}, "express=express orders=orders"},
		{[]string{"of", "states"}, "Each=Each Fetch=Fetch Store=Store"},
		{[]string{"of", "states", "machine", "express", "machine", ""}, ""},
		{[]string{"of", "states", "machine", "express", "machine", "orders"}, "Each=Each Fetch=Fetch Store=Store"},
		{[]string{"of", "states", "from", millis(day.Add(4 * time.Minute)), "to", millis(now)}, "Each=Each"},
		{[]string{"of", "functions"}, "fetch=fetch"},
		{[]string{"of", "functions", "machine", "orders"}, "fetch=fetch"},
		{[]string{"of", "functions", "machine", "express"}, ""},
		{[]string{"of", "services", "machine", "express"}, ""},
		{[]string{"of", "operations", "machine", "orders", "machine", ""}, "PutItem=PutItem"},
		{[]string{"of", "errors"}, "Bad=Bad Boom=Boom Odd=Odd States.Timeout=States.Timeout"},
		{[]string{"of", "services"}, "DynamoDB=DynamoDB"},
		{[]string{"of", "operations"}, "PutItem=PutItem"},
		{[]string{"of", "statuses"}, "Running=RUNNING Succeeded=SUCCEEDED Failed=FAILED Timed out=TIMED_OUT Aborted=ABORTED"},
	} {
		var choices []choice
		s.get("values", &choices, c.parameters...)
		var got []string
		for _, each := range choices {
			got = append(got, each.Text+"="+each.Value)
		}
		require.Equal(t, c.want, strings.Join(got, " "), "%v", c.parameters)
	}
	other := of("orders", "other")
	other.ARN = strings.Replace(other.ARN, "eu-west-1", "us-east-1", 1)
	s.store(other.Execution, other.starts(0).ends(1, "Succeeded", "").events...)
	var choices []choice
	s.get("values", &choices, "of", "machines")
	require.Equal(t, []choice{
		{"express", "express"},
		{account + "stateMachine:orders", account + "stateMachine:orders"},
		{strings.Replace(account, "eu-west-1", "us-east-1", 1) + "stateMachine:orders", strings.Replace(account, "eu-west-1", "us-east-1", 1) + "stateMachine:orders"},
	}, choices, "a name that two have")
	var refused failure
	require.Equal(t, http.StatusBadRequest, s.call("GET", "revisions", url.Values{"machine": {"orders"}}, &refused))
	require.Contains(t, refused.Error, "2 state machines have the name")
}

func TestAStateAndItsHistory(t *testing.T) {
	s := newStored(t)
	s.storeWorld()
	arn := of("orders", "b").ARN
	var state visit.State
	s.get("state", &state, "execution", arn, "state", "Store")
	require.Equal(t, "Task", state.Type)
	require.Len(t, state.Visits, 1)
	v := state.Visits[0]
	require.Equal(t, "FAILED", v.Status)
	require.Equal(t, "Boom", v.Error)
	require.Equal(t, int64(7), v.EventID)
	require.InDelta(t, 8000, v.Duration, 0.001)
	require.Len(t, v.Attempts, 2)
	require.Equal(t, []any{0, 1}, []any{v.Attempts[0].Retry, v.Attempts[1].Retry})
	require.InDelta(t, 2, v.Attempts[1].Backoff, 0.001)
	require.InDelta(t, 0.5, v.Attempts[1].Queue, 0.001)

	var running visit.State
	s.get("state", &running, "execution", of("orders", "r").ARN, "state", "Fetch")
	require.Len(t, running.Visits, 1)
	require.Equal(t, "RUNNING", running.Visits[0].Status)
	require.Nil(t, running.Visits[0].End)
	s.get("state", &running, "execution", "latest", "state", "Fetch")
	require.Len(t, running.Visits, 1, "the latest is the one that runs")
	s.get("state", &running, "execution", arn, "state", "Nowhere")
	require.Empty(t, running.Visits)

	var events []store.HistoryEvent
	s.get("history", &events, "execution", arn, "after", "5", "limit", "2")
	require.Equal(t, []int64{6, 7}, []int64{events[0].ID, events[1].ID})
	s.get("history", &events, "execution", arn, "state", "Store", "limit", "99999999999")
	require.Equal(t, "TaskStateEntered", events[0].Type)
	require.Len(t, events, 7)
}

func TestAnExecutionAndItsCost(t *testing.T) {
	s := newStored(t)
	s.storeWorld()
	var e pricedExecution
	s.get("execution", &e, "execution", of("orders", "b").ARN)
	require.Equal(t, "FAILED", e.Status)
	require.Equal(t, uint64(3), e.Cost.Transitions, "two states and a retry")
	require.InDelta(t, 3*0.000025, e.Cost.StepFunctions, 1e-9)
}

func TestResourcesThatAreRefused(t *testing.T) {
	s := newStored(t)
	for _, c := range []struct {
		method, path, parameters string
		status                   int
		want                     string
	}{
		{"GET", "nothing", "", http.StatusNotFound, "there is no GET /nothing"},
		{"GET", "", "", http.StatusNotFound, "there is no GET /"},
		{"GET", "../machines", "", http.StatusNotFound, "there is no"},
		{"POST", "machines", "", http.StatusNotFound, "there is no POST /machines"},
		{"DELETE", "history", "", http.StatusNotFound, "there is no DELETE"},
		{"GET", "machines", "from=yesterday", http.StatusBadRequest, "from: \"yesterday\" is not a whole number"},
		{"GET", "machines", "to=-1", http.StatusBadRequest, "to: "},
		{"GET", "machines", "from=99999999999999999999", http.StatusBadRequest, "from: "},
		{"GET", "values", "", http.StatusBadRequest, "of: \"\" is not one of errors, functions"},
		{"GET", "state", "state=x", http.StatusBadRequest, "the parameter execution is missing"},
		{"GET", "state", "execution=x", http.StatusBadRequest, "the parameter state is missing"},
		{"GET", "state", "execution=x&state=x", http.StatusBadRequest, "neither an execution ARN"},
		{"GET", "state", "execution=latest&state=x", http.StatusNotFound, "not found"},
		{"GET", "state", "execution=arn:x&state=x", http.StatusNotFound, "not found"},
		{"GET", "history", "execution=latest", http.StatusNotFound, "not found"},
		{"GET", "history", "execution=latest&after=x", http.StatusBadRequest, "after: "},
		{"GET", "execution", "execution=arn:x", http.StatusNotFound, "not found"},
		{"GET", "execution", "", http.StatusBadRequest, "execution is missing"},
		{"GET", "revisions", "machine=nobody", http.StatusNotFound, "not found"},
		{"GET", "revisions", "machine=x&limit=1.5", http.StatusBadRequest, "limit: "},
		{"GET", "machines", "a=%zz", http.StatusBadRequest, "not well formed"},
	} {
		var answer *backend.CallResourceResponse
		err := s.CallResource(t.Context(), &backend.CallResourceRequest{
			Method: c.method, Path: c.path, URL: c.path + "?" + c.parameters,
		}, backend.CallResourceResponseSenderFunc(func(r *backend.CallResourceResponse) error {
			answer = r
			return nil
		}))
		if err != nil { // a URL that cannot be one at all
			require.Contains(t, c.parameters, "%zz")
			continue
		}
		if answer.Status == http.StatusMovedPermanently || answer.Status == http.StatusTemporaryRedirect {
			require.Contains(t, c.path, "..")
			continue
		}
		require.Equal(t, c.status, answer.Status, "%s %s %s", c.path, c.parameters, answer.Body)
		var refused failure
		require.NoError(t, json.Unmarshal(answer.Body, &refused))
		require.Contains(t, refused.Error, c.want)
	}
}

// Hostile parameters are values and no more.
func TestTextsInResourcesOnlyEverAreValues(t *testing.T) {
	s := newStored(t)
	s.storeWorld()
	for _, text := range hostileTexts[:len(hostileTexts)-1] {
		for path, parameters := range map[string]url.Values{
			"machines": {"machine": {text}}, "revisions": {"machine": {text}}, "values": {"of": {"states"}, "machine": {text, "arn:" + text}},
			"state": {"execution": {"arn:" + text}, "state": {text}}, "history": {"execution": {of("orders", "b").ARN}, "state": {text}},
			"execution": {"execution": {text}},
		} {
			var body json.RawMessage
			status := s.call("GET", path, parameters, &body)
			require.Contains(t, []int{200, 400, 404}, status, "%s %q: %s", path, text, body)
			require.True(t, status != 200 || string(body) == "[]", "%s %q: %s", path, text, body)
		}
	}
}
