// Package cloudwatchlogstest is a CloudWatch Logs API for tests, spoken over HTTP to an unmodified SDK: which log
// groups there are and what is in them, the test says.
package cloudwatchlogstest

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// Server is a scripted API. Its zero page size stands for the API's own.
type Server struct {
	URL string

	mu     sync.Mutex
	page   int
	groups map[string][]event
	tokens map[string][]event // what is left of a read, by the token for it
	faults []fault
	calls  map[string]int
	ids    int
}

type event struct {
	ID        string `json:"eventId"`
	Stream    string `json:"logStreamName"`
	Message   string `json:"message"`
	Timestamp int64  `json:"timestamp"`
	Ingested  int64  `json:"ingestionTime"`
}

type fault struct {
	operation    string
	after, times int
	code         string
	status       int
}

// New starts a server that ends with the test.
func New(t testing.TB) *Server {
	s := &Server{groups: map[string][]event{}, tokens: map[string][]event{}, calls: map[string]int{}}
	web := httptest.NewServer(s)
	s.URL = web.URL
	t.Cleanup(web.Close)
	return s
}

// LimitPages makes pages hold at most so many entries.
func (s *Server) LimitPages(entries int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.page = entries
}

// AddGroup adds a log group without log events.
func (s *Server) AddGroup(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.groups[name] = []event{}
}

// DeleteGroup makes a log group unknown.
func (s *Server) DeleteGroup(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.groups, name)
}

// Put adds a log event to a group, which from now on is to be seen.
func (s *Server) Put(group, stream string, at time.Time, message string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ids++
	s.groups[group] = append(s.groups[group], event{
		ID: fmt.Sprintf("%056d", s.ids), Stream: stream, Message: message, Timestamp: at.UnixMilli(),
		Ingested: at.UnixMilli(),
	})
}

// Fail lets the operation succeed so many times and then fail so many times with the error code and HTTP status.
func (s *Server) Fail(operation string, after, times int, code string, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, fault{operation, after, times, code, status})
}

// Forget makes the tokens given out so far unknown, as they are after a while.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}

// Calls counts the calls of an operation since the last time it was asked, those that failed included.
func (s *Server) Calls(operation string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.calls[operation]
	s.calls[operation] = 0
	return n
}

// HTTPClient is a client whose idle connections end with the test.
func HTTPClient(t testing.TB) *http.Client {
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

type request struct {
	Group      string `json:"logGroupName"`
	Identifier string `json:"logGroupIdentifier"`
	Prefix     string `json:"logGroupNamePrefix"`
	Start      int64  `json:"startTime"`
	Token      string `json:"nextToken"`
}

// ServeHTTP speaks AWS JSON 1.1, Logs_20140328.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in request
	if err := awswire.Decode(r, &in); err != nil {
		awswire.WriteError(w, awswire.JSON11, err)
		return
	}
	_, operation := awswire.Target(r)
	out, err := s.answer(operation, in)
	if err != nil {
		awswire.WriteError(w, awswire.JSON11, err)
		return
	}
	awswire.WriteJSON(w, awswire.JSON11, out)
}

func (s *Server) answer(operation string, in request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[operation]++
	for i := range s.faults {
		f := &s.faults[i]
		if f.operation != operation || f.times == 0 {
			continue
		}
		if f.after--; f.after >= 0 {
			break
		}
		f.times--
		return nil, &awswire.Error{Code: f.code, Message: "scripted", Status: f.status}
	}
	switch operation {
	case "FilterLogEvents":
		return s.filter(in)
	case "DescribeLogGroups":
		return s.describe(in)
	}
	return nil, awswire.UnknownOperation(operation)
}

func (s *Server) filter(in request) (any, error) {
	name := in.Group
	if in.Identifier != "" {
		_, name, _ = strings.Cut(in.Identifier, ":log-group:")
	}
	all, ok := s.groups[name]
	if !ok {
		return nil, awswire.Errorf("ResourceNotFoundException", "The specified log group does not exist.")
	}
	left := slices.DeleteFunc(slices.Clone(all), func(e event) bool { return e.Timestamp < in.Start })
	slices.SortStableFunc(left, func(a, b event) int { return cmp.Compare(a.Timestamp, b.Timestamp) })
	if in.Token != "" {
		if left, ok = s.tokens[in.Token]; !ok {
			return nil, awswire.Errorf("InvalidParameterException", "The specified nextToken is invalid.")
		}
	}
	out := map[string]any{"searchedLogStreams": []any{}}
	size := 10_000
	if s.page > 0 {
		size = s.page
	}
	if len(left) > size {
		token := "t" + strconv.Itoa(len(s.tokens)) + "-" + strconv.Itoa(s.ids)
		s.tokens[token] = left[size:]
		out["nextToken"], left = token, left[:size]
	}
	out["events"] = left
	return out, nil
}

func (s *Server) describe(in request) (any, error) {
	names := slices.Sorted(maps.Keys(s.groups))
	names = slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(name, in.Prefix) })
	from, _ := strconv.Atoi(in.Token)
	size := 50
	if s.page > 0 {
		size = s.page
	}
	out := map[string]any{}
	groups := []map[string]string{}
	for _, name := range names[from:min(from+size, len(names))] {
		groups = append(groups, map[string]string{
			"logGroupName": name, "arn": "arn:aws:logs:eu-west-1:123456789012:log-group:" + name + ":*",
		})
	}
	out["logGroups"] = groups
	if from+size < len(names) {
		out["nextToken"] = strconv.Itoa(from + size)
	}
	return out, nil
}
