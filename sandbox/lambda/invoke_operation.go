package lambda

import (
	"encoding/base64"
	"net/http"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// serveInvoke is Invoke: its input and output are in headers as much as in bodies.
func (s *Service) serveInvoke(w http.ResponseWriter, r *http.Request) {
	requestID := awswire.RequestID(w)
	status, out, err := s.invokeRequest(r, requestID)
	if err != nil {
		writeError(w, err)
		return
	}
	h := w.Header()
	setIfAny(h, "X-Amz-Function-Error", out.FunctionError)
	setIfAny(h, "X-Amz-Executed-Version", out.ExecutedVersion)
	setIfAny(h, "X-Amzn-Trace-Id", out.TraceHeader)
	setIfAny(h, "X-Amz-Log-Result", base64Of(out.LogTail))
	h.Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(out.Payload) // the client has gone: nobody is left to tell
}

func (s *Service) invokeRequest(r *http.Request, requestID string) (int, InvokeOutput, error) {
	ref, err := s.target(r)
	if err != nil {
		return 0, InvokeOutput{}, err
	}
	in, err := invokeInput(r, requestID)
	if err != nil {
		return 0, InvokeOutput{}, err
	}
	switch kind := r.Header.Get("X-Amz-Invocation-Type"); kind {
	case "", "RequestResponse":
		out, err := s.invoke(r.Context(), ref, in)
		return http.StatusOK, out, err
	case "Event":
		if len(in.Payload) > maxAsyncPayload {
			return 0, InvokeOutput{}, requestTooLarge(maxAsyncPayload)
		}
		in.ClientContext = "" // AWS passes it on for synchronous invocations only
		return http.StatusAccepted, InvokeOutput{}, s.enqueue(ref, in)
	case "DryRun":
		s.mu.Lock()
		defer s.mu.Unlock()
		_, _, err := s.lookup(ref)
		return http.StatusNoContent, InvokeOutput{}, err
	default:
		return 0, InvokeOutput{}, invalid("invocationType", kind)
	}
}

func invokeInput(r *http.Request, requestID string) (InvokeInput, error) {
	in := InvokeInput{TraceHeader: r.Header.Get("X-Amzn-Trace-Id"), requestID: requestID}
	var err error
	if in.ClientContext, err = decodeClientContext(r.Header.Get("X-Amz-Client-Context")); err != nil {
		return in, err
	}
	switch kind := r.Header.Get("X-Amz-Log-Type"); kind {
	case "", "None":
	case "Tail":
		in.LogTail = true
	default:
		return in, invalid("logType", kind)
	}
	if in.Payload, err = readBody(r, maxSyncPayload); err != nil {
		if hasCode(err, "RequestEntityTooLargeException") {
			err = requestTooLarge(maxSyncPayload)
		}
		return in, err
	}
	return in, nil
}

func base64Of(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func setIfAny(h http.Header, name, value string) {
	if value != "" {
		h.Set(name, value)
	}
}
