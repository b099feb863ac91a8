// Package awswire holds what the sandbox's services share of AWS's wire protocols: errors, request ids and the
// JSON 1.0 and 1.1 protocols (one POST with an X-Amz-Target header).
package awswire

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/google/uuid"
)

// Content types of the two JSON protocols.
const (
	JSON10 = "application/x-amz-json-1.0" // Step Functions, DynamoDB, SQS
	JSON11 = "application/x-amz-json-1.1" // Rekognition, EventBridge, CloudWatch Logs
)

// maxBody bounds a request: above every quota of the services here (DynamoDB's 16 MB batch is the largest).
const maxBody = 32 << 20

// Error is an AWS service error: Code is the exception's name as SDKs compare it, Status the HTTP status (0 is 400).
type Error struct {
	Code    string
	Message string
	Status  int
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Errorf makes a client error (HTTP 400).
func Errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), Status: http.StatusBadRequest}
}

// UnknownOperation is AWS's answer to an operation that the service does not have.
func UnknownOperation(operation string) *Error {
	return Errorf("UnknownOperationException",
		"The sandbox does not support %s; its README lists what it does.", operation)
}

// AsError turns any error into an AWS error; what is not one becomes an InternalFailure (HTTP 500).
func AsError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Code: "InternalFailure", Message: err.Error(), Status: http.StatusInternalServerError}
}

// Target splits the X-Amz-Target header "Service_Version.Operation"; both are empty when the request has none.
func Target(r *http.Request) (service, operation string) {
	service, operation, _ = strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	return service, operation
}

// Body reads a request body within the bound.
func Body(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, fmt.Errorf("read request body: %w", err)
	}
	if len(body) > maxBody {
		return nil, &Error{
			Code: "RequestEntityTooLargeException", Message: "request body is over 32 MiB",
			Status: http.StatusRequestEntityTooLarge,
		}
	}
	return body, nil
}

// Decode reads a JSON request body into in; what is not JSON of that shape is a SerializationException.
func Decode(r *http.Request, in any) error {
	body, err := Body(r)
	if err != nil {
		return err
	}
	if len(body) == 0 {
		body = []byte("{}")
	}
	if err := json.Unmarshal(body, in); err != nil {
		return Errorf("SerializationException", "%v", err)
	}
	return nil
}

// NewRequestID is a fresh x-amzn-RequestId.
func NewRequestID() string { return uuid.NewString() }

// RequestID is the x-amzn-RequestId set on the response, setting a fresh one if there is none.
func RequestID(w http.ResponseWriter) string {
	id := w.Header().Get("x-amzn-RequestId")
	if id == "" {
		id = NewRequestID()
		w.Header().Set("x-amzn-RequestId", id)
	}
	return id
}

// WriteJSON answers 200 with out in the given protocol (JSON10 or JSON11).
func WriteJSON(w http.ResponseWriter, protocol string, out any) {
	body, err := json.Marshal(out)
	if err != nil {
		WriteError(w, protocol, err)
		return
	}
	RequestID(w)
	w.Header().Set("Content-Type", protocol)
	_, _ = w.Write(body) // the client has gone: nobody is left to tell
}

// WriteError answers with err as the protocol's error shape.
func WriteError(w http.ResponseWriter, protocol string, err error) {
	e := AsError(err)
	status := e.Status
	if status == 0 {
		status = http.StatusBadRequest
	}
	body, _ := json.Marshal(map[string]string{"__type": e.Code, "message": e.Message}) // two strings always marshal
	RequestID(w)
	w.Header().Set("Content-Type", protocol)
	w.Header().Set("x-amzn-ErrorType", e.Code)
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
