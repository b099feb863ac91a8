package lambda

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// Bounds of an invocation, of the Lambda quotas.
const (
	maxSyncPayload   = 6 << 20
	maxAsyncPayload  = 1 << 20
	maxClientContext = 3583 // of its base64
)

// unhandled is the FunctionError of all functions here: "Handled" was for managed runtimes of the past.
const unhandled = "Unhandled"

// InvokeInput is a synchronous invocation.
type InvokeInput struct {
	FunctionARN   string // or a name or partial ARN, with or without a qualifier
	Payload       []byte // JSON; empty is {}
	TraceHeader   string // X-Amzn-Trace-Id; completed if need be
	ClientContext string // JSON, or empty
	LogTail       bool   // wait for the end of the invocation (REPORT line) and return the log's tail

	requestID string
}

// InvokeOutput is what the function answered. FunctionError is empty when it succeeded, else "Unhandled"; Payload then
// has errorType and errorMessage.
type InvokeOutput struct {
	Payload         []byte
	FunctionError   string
	RequestID       string
	ExecutedVersion string
	LogTail         string // the last 4 KiB
	TraceHeader     string // as the function got it
}

// Invoke runs the function and returns as soon as it has answered. Errors are *awswire.Error as AWS's (the function is
// unknown, too many invocations, …), or ctx's; an invocation goes on when ctx ends.
func (s *Service) Invoke(ctx context.Context, in InvokeInput) (InvokeOutput, error) {
	ref, err := s.parseReference(in.FunctionARN, "")
	if err != nil {
		return InvokeOutput{}, err
	}
	return s.invoke(ctx, ref, in)
}

func (s *Service) invoke(ctx context.Context, ref reference, in InvokeInput) (InvokeOutput, error) {
	r, err := s.start(ref, in)
	if err != nil {
		return InvokeOutput{}, err
	}
	if in.LogTail {
		select {
		case <-r.over:
		case <-ctx.Done():
			return InvokeOutput{}, ctx.Err()
		}
	}
	select {
	case a := <-r.answer:
		if in.LogTail {
			a.output.LogTail = r.tail
		}
		return a.output, a.err
	case <-ctx.Done():
		return InvokeOutput{}, ctx.Err()
	}
}

// start checks the input and sets the invocation going.
func (s *Service) start(ref reference, in InvokeInput) (*run, error) {
	in, err := s.complete(ref, in)
	if err != nil {
		return nil, err
	}
	if err := s.enter(); err != nil {
		return nil, err
	}
	v, err := s.claim(ref)
	if err != nil {
		s.leave()
		return nil, err
	}
	r := newRun(s, v, in)
	go func() {
		defer s.leave()
		defer v.pool.busy.Done()
		r.do(s.ctx)
	}()
	return r, nil
}

// claim finds the version and announces a run to its pool, so that its code stays.
func (s *Service) claim(ref reference) (*version, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, v, err := s.lookup(ref)
	if err != nil {
		return nil, err
	}
	if !v.pool.begin() {
		return nil, unavailable() // a version in the map is retired only by Close
	}
	return v, nil
}

// complete checks the payload and fills in what the function's context needs.
func (s *Service) complete(ref reference, in InvokeInput) (InvokeInput, error) {
	if len(in.Payload) == 0 {
		in.Payload = []byte("{}")
	}
	if len(in.Payload) > maxSyncPayload {
		return in, requestTooLarge(maxSyncPayload)
	}
	if !json.Valid(in.Payload) {
		return in, awswire.Errorf("InvalidRequestContentException", "Could not parse request body into json: invalid JSON")
	}
	if in.requestID == "" {
		in.requestID = awswire.NewRequestID()
	}
	in.FunctionARN = s.arn(ref.name, ref.qualifier)
	in.TraceHeader = traceHeader(in.TraceHeader, s.cfg.Clock.Now())
	return in, nil
}

func requestTooLarge(limit int) error {
	return &awswire.Error{
		Code: "RequestTooLargeException", Status: http.StatusRequestEntityTooLarge,
		Message: fmt.Sprintf("Request must be smaller than %d bytes for the InvokeFunction operation", limit),
	}
}

// decodeClientContext reads X-Amz-Client-Context.
func decodeClientContext(header string) (string, error) {
	if header == "" {
		return "", nil
	}
	decoded, err := base64.StdEncoding.DecodeString(header)
	if err != nil || len(header) > maxClientContext || !json.Valid(decoded) {
		return "", awswire.Errorf("InvalidRequestContentException",
			"Client context must be a valid Base64-encoded JSON object of at most %d bytes.", maxClientContext)
	}
	return string(decoded), nil
}
