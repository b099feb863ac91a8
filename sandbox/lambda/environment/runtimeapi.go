package environment

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// maxPayload bounds a response: 6 MiB and 100 bytes, as AWS's message has it.
const maxPayload = 6*1024*1024 + 100

var errTooLarge = errors.New("payload too large")

// Trailers by which a runtime ends a streamed response with an error.
const (
	headerErrorType = "Lambda-Runtime-Function-Error-Type"
	headerErrorBody = "Lambda-Runtime-Function-Error-Body"
)

// runtimeNext is GET /runtime/invocation/next.
func (e *Environment) runtimeNext(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	if x := e.current; x != nil && x.delivered && x.response == nil {
		e.mu.Unlock()
		forbid(w, "InvalidStateTransition", "The runtime asked for the next invocation before it answered "+x.RequestID)
		return
	}
	e.registrar.open = false
	poll := e.runtime.ask()
	e.mu.Unlock()
	e.notify()

	event, ok := waitPoll(e, r, &e.runtime, poll)
	if !ok {
		forbid(w, "InvalidStateTransition", "Another request for the next invocation has taken the place of this one")
		return
	}
	e.mu.Lock()
	event.exchange.delivered = true
	e.mu.Unlock()
	writeInvocation(w, event.exchange.Invocation)
}

func writeInvocation(w http.ResponseWriter, inv Invocation) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Lambda-Runtime-Aws-Request-Id", inv.RequestID)
	h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(inv.Deadline.UnixMilli(), 10))
	h.Set("Lambda-Runtime-Invoked-Function-Arn", inv.FunctionARN)
	setIfAny(h, "Lambda-Runtime-Trace-Id", inv.TraceHeader)
	setIfAny(h, "Lambda-Runtime-Client-Context", inv.ClientContext)
	_, _ = w.Write(inv.Payload) // a runtime that has gone is seen by its exit
}

func setIfAny(h http.Header, name, value string) {
	if value != "" {
		h.Set(name, value)
	}
}

// runtimeResponse is POST /runtime/invocation/{id}/response.
func (e *Environment) runtimeResponse(w http.ResponseWriter, r *http.Request) {
	if mode := r.Header.Get("Lambda-Runtime-Function-Response-Mode"); mode != "" && mode != "streaming" {
		writeError(w, http.StatusBadRequest, "InvalidFunctionResponseMode", "Invalid function response mode")
		return
	}
	e.answer(w, r, func(body []byte) Response {
		if errorType := r.Trailer.Get(headerErrorType); errorType != "" {
			return Response{Payload: trailerBody(r, errorType), ErrorType: errorType}
		}
		return Response{Payload: body}
	})
}

// trailerBody is the error of a response that failed midway.
func trailerBody(r *http.Request, errorType string) []byte {
	body, err := base64.StdEncoding.DecodeString(r.Trailer.Get(headerErrorBody))
	if err != nil || len(body) == 0 {
		body, _ = json.Marshal(map[string]string{"errorType": errorType}) // a string always marshals
	}
	return body
}

// runtimeError is POST /runtime/invocation/{id}/error.
func (e *Environment) runtimeError(w http.ResponseWriter, r *http.Request) {
	e.answer(w, r, func(body []byte) Response {
		return Response{Payload: body, ErrorType: reportedType(r.Header.Get(headerErrorType), body)}
	})
}

// reportedType is the error type a runtime gave, in the header or in the body.
func reportedType(header string, body []byte) string {
	if header != "" {
		return header
	}
	var report struct {
		Type string `json:"errorType"`
	}
	if json.Unmarshal(body, &report) != nil || report.Type == "" {
		return TypeUnknown
	}
	return report.Type
}

// answer reads the outcome of the current invocation and records it.
func (e *Environment) answer(w http.ResponseWriter, r *http.Request, outcome func(body []byte) Response) {
	x, ok := e.claim(w, r.PathValue("id"))
	if !ok {
		return
	}
	body, err := readPayload(r.Body)
	switch {
	case errors.Is(err, errTooLarge):
		e.settle(x, tooLarge())
		writeError(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", tooLargeMessage)
	case err != nil:
		e.settle(x, nil)
		writeError(w, http.StatusBadRequest, "TruncatedHTTPRequest", "HTTP request detected as truncated")
	default:
		response := outcome(body)
		e.settle(x, &response)
		accept(w)
	}
}

// claim reserves the current invocation for one answer.
func (e *Environment) claim(w http.ResponseWriter, id string) (*exchange, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	x := e.current
	if x == nil || x.RequestID != id {
		writeError(w, http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
		return nil, false
	}
	if !x.delivered || x.answering || x.response != nil {
		forbid(w, "InvalidStateTransition", "The invocation "+id+" is not open for an answer")
		return nil, false
	}
	x.answering = true
	return x, true
}

// settle ends a claim; without a response the invocation is open again.
func (e *Environment) settle(x *exchange, response *Response) {
	e.mu.Lock()
	x.answering = false
	x.response = response
	e.mu.Unlock()
	e.notify()
}

var tooLargeMessage = fmt.Sprintf("Exceeded maximum allowed payload size (%d bytes).", maxPayload)

func tooLarge() *Response {
	message := fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", maxPayload)
	body, _ := json.Marshal(map[string]string{"errorMessage": message, "errorType": TypeResponseTooLarge})
	return &Response{Payload: body, ErrorType: TypeResponseTooLarge}
}

func readPayload(body io.Reader) ([]byte, error) {
	payload, err := io.ReadAll(io.LimitReader(body, maxPayload+1))
	if err != nil {
		return nil, fmt.Errorf("read payload: %w", err)
	}
	if len(payload) > maxPayload {
		// A runtime reads the refusal only after it has sent all; what is far beyond is cut off.
		_, _ = io.CopyN(io.Discard, body, 4*maxPayload)
		return nil, errTooLarge
	}
	return payload, nil
}

// runtimeInitError is POST /runtime/init/error.
func (e *Environment) runtimeInitError(w http.ResponseWriter, r *http.Request) {
	body, err := readPayload(r.Body)
	if err != nil {
		writeError(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", tooLargeMessage)
		return
	}
	e.mu.Lock()
	initializing := e.current == nil && !e.runtime.waiting()
	e.mu.Unlock()
	if !initializing {
		forbid(w, "InvalidStateTransition", "The init phase is over")
		return
	}
	errorType := reportedType(r.Header.Get(headerErrorType), body)
	e.fail(&Failure{Type: errorType, Message: "the runtime reported an init error", Payload: jsonOrNil(body)})
	accept(w)
}

// jsonOrNil is body, or nil when it is no JSON that a caller could read.
func jsonOrNil(body []byte) []byte {
	if !json.Valid(body) {
		return nil
	}
	return body
}
