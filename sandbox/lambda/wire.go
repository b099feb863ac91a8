package lambda

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// maxRequest is AWS's bound for CreateFunction and UpdateFunctionCode: 50 MB of zip in base64, and the rest.
const maxRequest = 70167211

// ServeHTTP answers the AWS Lambda API.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// handler answers an operation: out is written as JSON with the status, unless it is nil.
type handler func(r *http.Request) (status int, out any, err error)

func (s *Service) routes() *http.ServeMux {
	const functions = "/2015-03-31/functions"
	mux := http.NewServeMux()
	for pattern, h := range map[string]handler{
		"POST " + functions:                          s.createFunction,
		"POST " + functions + "/{$}":                 s.createFunction,
		"GET " + functions:                           s.listFunctions,
		"GET " + functions + "/{$}":                  s.listFunctions,
		"GET " + functions + "/{name}":               s.getFunction,
		"DELETE " + functions + "/{name}":            s.deleteFunction,
		"GET " + functions + "/{name}/configuration": s.getFunctionConfiguration,
		"PUT " + functions + "/{name}/configuration": s.updateFunctionConfiguration,
		"PUT " + functions + "/{name}/code":          s.updateFunctionCode,
		"POST " + functions + "/{name}/versions":     s.publishVersion,
		"GET " + functions + "/{name}/versions":      s.listVersions,
	} {
		mux.Handle(pattern, h)
	}
	for pattern, h := range s.layerRoutes() {
		mux.Handle(pattern, h)
	}
	mux.HandleFunc("POST "+functions+"/{name}/invocations", s.serveInvoke)
	mux.HandleFunc("GET "+functions+"/{name}/sandbox-zip", s.serveZip) // Code.Location of GetFunction
	mux.HandleFunc("/", unknownOperation)
	return mux
}

func unknownOperation(w http.ResponseWriter, r *http.Request) {
	writeError(w, awswire.UnknownOperation(r.Method+" "+r.URL.Path))
}

func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	status, out, err := h(r)
	switch {
	case err != nil:
		writeError(w, err)
	case out == nil:
		awswire.RequestID(w)
		w.WriteHeader(status)
	default:
		writeJSON(w, status, out)
	}
}

func writeJSON(w http.ResponseWriter, status int, out any) {
	body, err := json.Marshal(out)
	if err != nil {
		writeError(w, err)
		return
	}
	awswire.RequestID(w)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client has gone: nobody is left to tell
}

// writeError answers with err in the shape of Lambda's REST-JSON errors.
func writeError(w http.ResponseWriter, err error) {
	e := awswire.AsError(err)
	status, side := e.Status, "User"
	if status == 0 {
		status = http.StatusBadRequest
	}
	if status >= http.StatusInternalServerError {
		side = "Service"
	}
	body := map[string]string{"Type": side, messageMember(e.Code): e.Message}
	if e.Code == "TooManyRequestsException" {
		body["Reason"] = "ConcurrentInvocationLimitExceeded"
		w.Header().Set("Retry-After", "1")
	}
	w.Header().Set("x-amzn-ErrorType", e.Code)
	writeJSON(w, status, body)
}

// messageMember: the service's model spells the member in two ways.
func messageMember(code string) string {
	switch code {
	case "ResourceNotFoundException", "ServiceException":
		return "Message"
	}
	return "message"
}

// decode reads a JSON body; an empty one is {}.
func decode(r *http.Request, in any) error {
	body, err := readBody(r, maxRequest)
	if err != nil {
		return err
	}
	if len(body) == 0 {
		body = []byte("{}")
	}
	if err := json.Unmarshal(body, in); err != nil {
		return awswire.Errorf("SerializationException", "%v", err)
	}
	return nil
}

func readBody(r *http.Request, limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read request body: %w", err)
	}
	if int64(len(body)) > limit {
		return nil, &awswire.Error{
			Code: "RequestEntityTooLargeException", Status: http.StatusRequestEntityTooLarge,
			Message: fmt.Sprintf("Request must be smaller than %d bytes", limit),
		}
	}
	return body, nil
}

// page reads Marker and MaxItems; a marker is the number of items before the page.
func page(r *http.Request, total, most int) (from, to int, err error) {
	query := r.URL.Query()
	size := most
	if given := query.Get("MaxItems"); given != "" {
		size, err = strconv.Atoi(given)
		if err != nil || size < 1 || size > 10000 {
			return 0, 0, invalid("maxItems", given)
		}
		size = min(size, most)
	}
	if marker := query.Get("Marker"); marker != "" {
		from, err = strconv.Atoi(marker)
		if err != nil || from < 0 {
			return 0, 0, invalidParameter("Invalid Marker: %s", marker)
		}
	}
	from = min(from, total)
	return from, min(from+size, total), nil
}

// nextMarker is empty on the last page.
func nextMarker(to, total int) string {
	if to == total {
		return ""
	}
	return strconv.Itoa(to)
}
