// Package dynamodb is the sandbox's DynamoDB: the library minidyn behind AWS JSON 1.0, with what it leaves out of table
// descriptions, its errors in DynamoDB's words, and a request id on each answer.
package dynamodb

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"

	"github.com/coder/quartz"
	"github.com/truora/minidyn/server"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// Config of the service; all fields are required.
type Config struct {
	Region    string
	AccountID string
	Clock     quartz.Clock
	Logger    *slog.Logger
}

// Service is a DynamoDB in memory.
type Service struct {
	config Config

	mu      sync.Mutex // the library locks items but not tables
	library *server.Server
	tables  map[string]*table
}

// New makes a DynamoDB without tables.
func New(config Config) *Service {
	return &Service{config: config, library: server.NewServer(), tables: map[string]*table{}}
}

// operations is every DynamoDB operation of the sandbox: true those that the library serves.
var operations = map[string]bool{
	"BatchGetItem": true, "BatchWriteItem": true, "CreateTable": true, "DeleteItem": true, "DeleteTable": true,
	"DescribeTable": true, "GetItem": true, "PutItem": true, "Query": true, "Scan": true, "TransactGetItems": true,
	"TransactWriteItems": true, "UpdateItem": true, "UpdateTable": true,
	"ListTables": false,
}

// ServeHTTP implements http.Handler.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, operation := awswire.Target(r)
	status, body, err := s.serve(r, operation)
	if err != nil {
		refusal := httptest.NewRecorder()
		awswire.WriteError(refusal, awswire.JSON10, err)
		status, body = refusal.Code, refusal.Body.Bytes()
	}
	awswire.RequestID(w)
	w.Header().Set("Content-Type", awswire.JSON10)
	w.Header().Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10)) // SDKs compare it
	w.WriteHeader(status)
	_, _ = w.Write(body) //nolint:gosec // JSON, not a page; on an error nobody is left to tell
}

func (s *Service) serve(r *http.Request, operation string) (status int, body []byte, err error) {
	byLibrary, known := operations[operation]
	if !known {
		return 0, nil, awswire.UnknownOperation("DynamoDB " + operation)
	}
	in, err := awswire.Body(r)
	if err != nil {
		return 0, nil, err
	}
	if !json.Valid(in) {
		return 0, nil, awswire.Errorf("SerializationException", "the request body is not JSON")
	}
	if err := checkValues(in); err != nil {
		return 0, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !byLibrary {
		out, err := s.listTables(in)
		return http.StatusOK, out, err
	}
	return s.answer(r, operation, in)
}

// answer is what DynamoDB says to a request that the library serves.
func (s *Service) answer(r *http.Request, operation string, in []byte) (status int, out []byte, err error) {
	old, err := s.replaced(r, operation, in)
	if err != nil {
		return 0, nil, err
	}
	status, out, err = s.ask(r, in)
	if err != nil {
		return 0, nil, err
	}
	if status != http.StatusOK {
		return status, rephrase(operation, in, out), nil
	}
	if out, err = withReplaced(operation, old, out); err != nil {
		return 0, nil, err
	}
	out, err = s.describe(operation, in, out)
	return http.StatusOK, out, err
}

// ask puts a request to the library, with its values boxed on the way.
func (s *Service) ask(r *http.Request, in []byte) (status int, out []byte, err error) {
	boxed, err := box(in)
	if err != nil {
		return 0, nil, err
	}
	answer, err := s.forward(r, boxed)
	if err != nil {
		return 0, nil, err
	}
	out, err = unbox(answer.Body.Bytes())
	return answer.Code, out, err
}

// forward serves by the library. Its panics (seen on expressions it cannot parse) become errors.
func (s *Service) forward(r *http.Request, body []byte) (answer *httptest.ResponseRecorder, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			s.config.Logger.Error("DynamoDB: minidyn gave up on a request", "target", r.Header.Get("X-Amz-Target"),
				"panic", fmt.Sprint(reason))
			answer, err = nil, &awswire.Error{
				Code: "InternalServerError", Status: http.StatusInternalServerError,
				Message: fmt.Sprintf("minidyn gave up on the request: %v", reason),
			}
		}
	}()
	in := r.Clone(r.Context())
	in.Body = io.NopCloser(bytes.NewReader(body))
	answer = httptest.NewRecorder()
	s.library.ServeHTTP(answer, in)
	return answer, nil
}

// rephrase puts the library's errors into DynamoDB's words where they differ.
func rephrase(operation string, in, out []byte) []byte {
	var answer map[string]json.RawMessage
	var kind string
	if err := errors.Join(json.Unmarshal(out, &answer), json.Unmarshal(answer["__type"], &kind)); err != nil {
		return out
	}
	switch kind {
	case "ResourceNotFoundException":
		answer["message"] = quote(notFound(operation, in))
	case "InternalFailure": // the library's name for all that is wrong with a request
		kind = "ValidationException"
	}
	answer["__type"] = quote("com.amazonaws.dynamodb.v20120810#" + kind)
	rephrased, err := json.Marshal(answer)
	if err != nil {
		return out
	}
	return rephrased
}

func quote(text string) json.RawMessage {
	quoted, _ := json.Marshal(text) // a string always marshals
	return quoted
}

func notFound(operation string, in []byte) string {
	switch operation {
	case "DescribeTable", "DeleteTable", "UpdateTable":
		return "Requested resource not found: Table: " + tableName(in) + " not found"
	}
	return "Requested resource not found"
}
