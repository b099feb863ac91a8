// Package stepfunctionstest is a Step Functions API for tests, spoken over HTTP to an unmodified SDK: what executions
// there are and what has happened in them, the test says. (Package sandbox, by contrast, really runs state machines.)
package stepfunctionstest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/steptrace/steptrace/agent/history/historytest"
	"github.com/steptrace/steptrace/sandbox/awswire"
)

// Server is a scripted API. Its zero page size stands for what the request asks for.
type Server struct {
	URL string

	mu         sync.Mutex
	page       int
	machines   []machine
	versions   map[string]string // definitions by the version's ARN
	executions []*Execution
	faults     []fault
	mapRunCode string // with which the listing of a Map Run fails; empty: it does not
	calls      map[string]int
}

type machine struct {
	arn, name, kind, definition string
	revision                    string // empty for the first one
	created, updated            time.Time
	tags                        map[string]string
}

// Execution is one that the API knows.
type Execution struct {
	ARN     string
	server  *Server
	machine string
	version string
	fixed   *machine // as it was when the execution began; nil: as it is now
	mapRun  string
	started time.Time
	stopped time.Time
	status  string
	redrive int
	hidden  bool
	events  []string // each as the API sends it
}

// fault makes calls fail.
type fault struct {
	operation string
	after     int // calls that still succeed
	times     int
	code      string
	status    int
}

// New starts a server that ends with the test.
func New(t testing.TB) *Server {
	s := &Server{calls: make(map[string]int), versions: make(map[string]string)}
	web := httptest.NewServer(s)
	s.URL = web.URL
	t.Cleanup(web.Close)
	return s
}

// LimitPages makes pages hold at most so many entries, whatever is asked for.
func (s *Server) LimitPages(entries int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.page = entries
}

// AddStateMachine adds a Standard state machine and returns its ARN.
func (s *Server) AddStateMachine(name, definition string) string {
	return s.add(name, definition, "STANDARD")
}

// AddExpress adds an Express state machine and returns its ARN.
func (s *Server) AddExpress(name string) string { return s.add(name, "{}", "EXPRESS") }

func (s *Server) add(name, definition, kind string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	arn := "arn:aws:states:eu-west-1:123456789012:stateMachine:" + name
	s.machines = append(s.machines, machine{
		arn: arn, name: name, kind: kind, definition: definition,
		created: historytest.Epoch.Add(-time.Hour), updated: historytest.Epoch.Add(-time.Hour),
	})
	return arn
}

// RemoveStateMachine deletes a state machine. Its executions stay known.
func (s *Server) RemoveStateMachine(arn string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.machines = slices.DeleteFunc(s.machines, func(m machine) bool { return m.arn == arn })
}

// Redefine replaces a state machine's definition as of the time.
func (s *Server) Redefine(arn, definition string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.machines {
		if s.machines[i].arn == arn {
			s.machines[i].definition, s.machines[i].updated = definition, at
			s.machines[i].revision = fmt.Sprint("revision of ", at)
		}
	}
}

// Tag gives a state machine the tag.
func (s *Server) Tag(arn, key, value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.machines {
		if s.machines[i].arn == arn {
			s.machines[i].tags = map[string]string{key: value}
		}
	}
}

// AddVersion adds a version with a definition of its own, and returns its ARN.
func (s *Server) AddVersion(machineARN, number, definition string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	arn := machineARN + ":" + number
	s.versions[arn] = definition
	return arn
}

// Start adds a running execution without events.
func (s *Server) Start(machineARN, name string, started time.Time) *Execution {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := &Execution{
		ARN:     strings.Replace(machineARN, ":stateMachine:", ":execution:", 1) + ":" + name,
		machine: machineARN, server: s, started: started, status: "RUNNING",
	}
	s.executions = append(s.executions, e)
	return e
}

// StartChild adds a running child of a Map Run, whose state is named label.
func (s *Server) StartChild(machineARN, label, mapRunARN, name string, started time.Time) *Execution {
	e := s.Start(machineARN, name, started)
	s.mu.Lock()
	defer s.mu.Unlock()
	e.ARN = strings.Replace(machineARN, ":stateMachine:", ":execution:", 1) + "/" + label + ":" + name
	e.mapRun = mapRunARN
	return e
}

// Of makes the execution one that was started by the version.
func (e *Execution) Of(versionARN string) *Execution {
	e.server.mu.Lock()
	defer e.server.mu.Unlock()
	e.version = versionARN
	return e
}

// Fixed makes the execution one that keeps the definition which its state machine has now.
func (e *Execution) Fixed() *Execution {
	e.server.mu.Lock()
	defer e.server.mu.Unlock()
	if m, err := e.server.machine(e.machine); err == nil {
		e.fixed = &m
	}
	return e
}

// Append lets the events, written as historytest has it, happen. The last one decides the execution's status.
func (e *Execution) Append(t testing.TB, events string) {
	t.Helper()
	e.AppendJSON(historytest.JSON(t, events)...)
}

// AppendJSON lets events happen that are written as the API sends them.
func (e *Execution) AppendJSON(happened ...string) {
	e.server.mu.Lock()
	defer e.server.mu.Unlock()
	e.events = append(e.events, happened...)
	for _, event := range happened {
		if status := statusAfter(event, e.status); status != e.status {
			e.status, e.stopped = status, time.Time{}
			if status != "RUNNING" {
				e.stopped = timeOf(event)
			}
		}
		if strings.Contains(event, `"ExecutionRedriven"`) {
			e.redrive++
		}
	}
}

// Become gives the execution a status that no event tells of.
func (e *Execution) Become(status string) {
	e.server.mu.Lock()
	defer e.server.mu.Unlock()
	e.status = status
}

func statusAfter(event, before string) string {
	for typ, status := range map[string]string{
		"ExecutionSucceeded": "SUCCEEDED", "ExecutionFailed": "FAILED", "ExecutionTimedOut": "TIMED_OUT",
		"ExecutionAborted": "ABORTED", "ExecutionRedriven": "RUNNING",
	} {
		if strings.Contains(event, `"`+typ+`"`) {
			return status
		}
	}
	return before
}

// timeOf is the time in an event as the API sends it.
func timeOf(event string) time.Time {
	var e struct {
		Timestamp float64 `json:"timestamp"`
	}
	_ = json.Unmarshal([]byte(event), &e) // one without a time has ended at the zero time
	return time.UnixMilli(int64(e.Timestamp * 1000)).UTC()
}

// Hide keeps the execution out of listings, as eventual consistency does, until Show.
func (e *Execution) Hide() { e.setHidden(true) }

// Show lets listings have the execution.
func (e *Execution) Show() { e.setHidden(false) }

func (e *Execution) setHidden(hidden bool) {
	e.server.mu.Lock()
	defer e.server.mu.Unlock()
	e.hidden = hidden
}

// Delete makes the execution unknown to the API, as after 90 days.
func (e *Execution) Delete() {
	e.server.mu.Lock()
	defer e.server.mu.Unlock()
	for i, known := range e.server.executions {
		if known == e {
			e.server.executions = append(e.server.executions[:i:i], e.server.executions[i+1:]...)
			return
		}
	}
}

// Fail lets the operation succeed so many times and then fail so many times with the error code and HTTP status.
func (s *Server) Fail(operation string, after, times int, code string, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, fault{operation: operation, after: after, times: times, code: code, status: status})
}

// FailMapRuns lets the listing of any Map Run's children fail with the error code from now on.
func (s *Server) FailMapRuns(code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mapRunCode = code
}

// Calls counts the calls of an operation since the last time it was asked, those that failed included.
func (s *Server) Calls(operation string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.calls[operation]
	s.calls[operation] = 0
	return n
}

// ServeHTTP speaks AWS JSON 1.0.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in request
	if err := awswire.Decode(r, &in); err != nil {
		awswire.WriteError(w, awswire.JSON10, err)
		return
	}
	_, operation := awswire.Target(r)
	out, err := s.answer(operation, in)
	if err != nil {
		awswire.WriteError(w, awswire.JSON10, err)
		return
	}
	awswire.WriteJSON(w, awswire.JSON10, out)
}

// request has the members of all operations' requests.
type request struct {
	StateMachineARN string `json:"stateMachineArn"`
	ExecutionARN    string `json:"executionArn"`
	MaxResults      int    `json:"maxResults"`
	NextToken       string `json:"nextToken"`
	ReverseOrder    bool   `json:"reverseOrder"`
	MapRunARN       string `json:"mapRunArn"`
	StatusFilter    string `json:"statusFilter"`
	ResourceARN     string `json:"resourceArn"`
}

func (s *Server) answer(operation string, in request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[operation]++
	if err := s.fault(operation); err != nil {
		return nil, err
	}
	switch operation {
	case "ListStateMachines":
		return s.listStateMachines(in)
	case "ListExecutions":
		return s.listExecutions(in)
	case "GetExecutionHistory":
		return s.history(in)
	case "DescribeExecution":
		return s.describeExecution(in)
	case "DescribeStateMachine":
		return s.describeMachine(in)
	case "DescribeStateMachineForExecution":
		return s.describeForExecution(in)
	case "ListTagsForResource":
		return s.listTags(in)
	}
	return nil, awswire.UnknownOperation(operation)
}

func (s *Server) fault(operation string) error {
	for i := range s.faults {
		f := &s.faults[i]
		if f.operation != operation || f.times == 0 {
			continue
		}
		if f.after > 0 {
			f.after--
			return nil
		}
		f.times--
		return &awswire.Error{Code: f.code, Message: "scripted", Status: f.status}
	}
	return nil
}

// slice cuts a page out of n entries. A token is the index to go on from.
func (s *Server) slice(in request, n int) (from, to int, next map[string]any, err error) {
	size := in.MaxResults
	if size == 0 {
		size = 100
	}
	if s.page > 0 {
		size = min(size, s.page)
	}
	if in.NextToken != "" {
		if from, err = strconv.Atoi(in.NextToken); err != nil || from > n {
			return 0, 0, nil, awswire.Errorf("InvalidToken", "Invalid Token: %s", in.NextToken)
		}
	}
	to = min(from+size, n)
	next = make(map[string]any)
	if to < n {
		next["nextToken"] = strconv.Itoa(to)
	}
	return from, to, next, nil
}

func epoch(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

func (s *Server) execution(arn string) (*Execution, error) {
	for _, e := range s.executions {
		if e.ARN == arn {
			return e, nil
		}
	}
	return nil, awswire.Errorf("ExecutionDoesNotExist", "Execution Does Not Exist: '%s'", arn)
}

func (s *Server) machine(arn string) (machine, error) {
	for _, m := range s.machines {
		if m.arn == arn {
			return m, nil
		}
	}
	return machine{}, awswire.Errorf("StateMachineDoesNotExist", "State Machine Does Not Exist: '%s'", arn)
}

// HTTPClient is a client whose idle connections end with the test.
func HTTPClient(t testing.TB) *http.Client {
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}
