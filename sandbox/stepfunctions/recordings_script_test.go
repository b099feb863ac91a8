package stepfunctions

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/steptrace/steptrace/sandbox/awswire"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
)

// script answers calls as they were answered in a recording, in the order in which they were made of each target.
type script struct {
	t        *testing.T
	url      string
	client   *http.Client
	accounts map[string]*Service // that tasks call, by account

	object   string // what an ItemReader reads
	children bool   // there are child executions, of whose calls nothing was recorded

	mu      sync.Mutex
	answers map[string][]answer // by function name, or by operation
}

// answer is how a recorded attempt ended.
type answer struct {
	eventType string
	details   map[string]any
}

func newScript(t *testing.T, r recording) *script {
	s := &script{t: t, children: r.has("MapRunStarted"), answers: map[string][]answer{}}
	targets := map[int64]string{} // by attempt: the id of each of its events
	for _, e := range r.events {
		id, eventType := eventNumber(e, "id"), e["type"].(string)
		switch {
		case strings.HasSuffix(eventType, "Scheduled"):
			targets[id] = target(details(e))
		case eventType == "TaskStarted", eventType == "LambdaFunctionStarted":
			targets[id] = targets[eventNumber(e, "previousEventId")]
		case targets[eventNumber(e, "previousEventId")] == "":
		case strings.HasPrefix(eventType, "Task") && !strings.HasPrefix(eventType, "TaskState"),
			strings.HasPrefix(eventType, "LambdaFunction"):
			name := targets[eventNumber(e, "previousEventId")]
			s.answers[name] = append(s.answers[name], answer{eventType, details(e)})
		}
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.url, s.client = server.URL, server.Client()
	return s
}

// target is what an attempt calls: the function's name or the operation.
func target(scheduled map[string]any) string {
	resource := scheduled["resource"].(string)
	if resource != "invoke" {
		action, _, _ := strings.Cut(resource, ".") // of a service; else it is an ARN
		return strings.ToLower(action[strings.LastIndex(action, ":")+1:])
	}
	var parameters struct{ FunctionName string }
	_ = json.Unmarshal([]byte(scheduled["parameters"].(string)), &parameters) // then the name is empty
	return strings.ToLower(parameters.FunctionName[strings.LastIndex(parameters.FunctionName, ":")+1:])
}

func (s *script) next(target string) (answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	target = strings.ToLower(target)
	queue := s.answers[target]
	if len(queue) == 0 {
		return answer{}, fmt.Errorf("%s was not called that often when it was recorded", target)
	}
	s.answers[target] = queue[1:]
	return queue[0], nil
}

// invoke answers as the function or the Lambda service did.
func (s *script) invoke(ctx context.Context, arn string, payload []byte, _ string, _ bool) (LambdaResult, error) {
	if s.children {
		return LambdaResult{Payload: payload}, nil // the functions of these recordings give back what they get
	}
	a, err := s.next(arn[strings.LastIndex(arn, ":")+1:])
	if err != nil {
		return LambdaResult{}, err
	}
	if strings.HasSuffix(a.eventType, "TimedOut") {
		<-ctx.Done()
		return LambdaResult{}, ctx.Err()
	}
	if strings.HasSuffix(a.eventType, "Failed") {
		return a.lambdaError()
	}
	if a.eventType == "LambdaFunctionSucceeded" {
		return LambdaResult{Payload: []byte(a.text("output"))}, nil
	}
	return a.lambdaResult()
}

func (a answer) text(member string) string {
	text, _ := a.details[member].(string)
	return text
}

func (a answer) lambdaResult() (LambdaResult, error) {
	var output struct {
		ExecutedVersion, LogResult string
		Payload                    json.RawMessage
		SdkResponseMetadata        struct {
			RequestID string `json:"RequestId"`
		}
		SdkHTTPMetadata struct {
			HTTPHeaders map[string]string `json:"HttpHeaders"`
		} `json:"SdkHttpMetadata"`
	}
	if err := json.Unmarshal([]byte(a.text("output")), &output); err != nil {
		return LambdaResult{}, err
	}
	// The recorder has changed white space in the payload; its length is still known.
	length, _ := strconv.Atoi(output.SdkHTTPMetadata.HTTPHeaders["Content-Length"])
	payload := string(output.Payload) + strings.Repeat(" ", max(0, length-len(output.Payload)))
	return LambdaResult{
		Payload: []byte(payload), ExecutedVersion: output.ExecutedVersion,
		RequestID: output.SdkResponseMetadata.RequestID, LogTail: output.LogResult,
	}, nil
}

// serviceError matches the cause of an error of a service: message, status, and the code in older SDKs' wording.
var serviceError = regexp.MustCompile(`^(?s)(.*) \(Service: [^;,]+[;,] Status Code: (\d+)(?:; Error Code: (\w+))?`)

var extendedID = regexp.MustCompile(`Extended Request ID: ([^)]*)`)

func (a answer) lambdaError() (LambdaResult, error) {
	if a.text("error") == dataflow.ErrDataLimitExceeded {
		return LambdaResult{Payload: []byte(`"` + strings.Repeat("x", dataflow.MaxDataBytes) + `"`)}, nil
	}
	if match := serviceError.FindStringSubmatch(a.text("cause")); match != nil {
		status, _ := strconv.Atoi(match[2])
		return LambdaResult{}, &awswire.Error{Code: match[3], Message: match[1], Status: status}
	}
	return LambdaResult{Payload: []byte(a.text("cause")), FunctionError: "Unhandled"}, nil
}

// ServeHTTP answers as DynamoDB or S3 did.
func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, operation := awswire.Target(r)
	s3 := operation == ""
	if s3 {
		operation = map[string]string{http.MethodGet: "getObject", http.MethodPut: "putObject"}[r.Method]
	}
	if s3 && s.object != "" {
		_, _ = io.WriteString(w, s.object)
		return
	}
	a, err := s.next(operation)
	if err != nil {
		s.t.Errorf("%s %s: %v", r.Method, r.URL, err)
		return
	}
	switch {
	case operation == "StartExecution":
		s.forward(w, r, a)
	case a.text("error") == "EventBridge.FailedEntry":
		_, _ = io.WriteString(w, a.text("cause"))
	case strings.HasSuffix(a.eventType, "Failed"):
		a.writeError(w, s3)
	case s3:
		a.writeS3(w)
	default:
		a.writeJSON(w)
	}
}

func (a answer) writeError(w http.ResponseWriter, s3 bool) {
	match := serviceError.FindStringSubmatch(a.text("cause"))
	if match == nil {
		match = []string{"", a.text("cause"), "400", ""}
	}
	code := match[3]
	if code == "" {
		_, code, _ = strings.Cut(a.text("error"), ".")
	}
	if code == "DynamoDbException" {
		code = "ValidationException"
	}
	status, _ := strconv.Atoi(match[2])
	if s3 {
		w.Header().Set("X-Amz-Request-Id", awswire.NewRequestID())
		w.Header().Set("X-Amz-Id-2", extendedID.FindStringSubmatch(a.text("cause"))[1])
		w.WriteHeader(status)
		fmt.Fprintf(w, "<Error><Code>%s</Code><Message>%s</Message></Error>", strings.TrimSuffix(code, "Exception"), match[1])
		return
	}
	awswire.WriteError(w, awswire.JSON10, &awswire.Error{Code: code, Message: match[1], Status: status})
}

// writeS3 gives the recorded output as the headers from which SDKs read it.
func (a answer) writeS3(w http.ResponseWriter) {
	var output map[string]any
	_ = json.Unmarshal([]byte(a.text("output")), &output) // then there is no header, and the comparison says so
	headers := map[string]string{
		"ChecksumCRC32": "X-Amz-Checksum-Crc32", "ChecksumType": "X-Amz-Checksum-Type", "ETag": "Etag",
		"ServerSideEncryption": "X-Amz-Server-Side-Encryption",
	}
	for member, header := range headers {
		if value, ok := output[member].(string); ok {
			w.Header().Set(header, value)
		}
	}
	body, _ := output["Body"].(string)
	_, _ = io.WriteString(w, body)
}

func (a answer) writeJSON(w http.ResponseWriter) {
	var output map[string]json.RawMessage
	_ = json.Unmarshal([]byte(a.text("output")), &output) // then the answer is {}, and the comparison says so
	var metadata struct{ HTTPHeaders map[string]string }
	_ = json.Unmarshal(output["SdkHttpMetadata"], &metadata)
	for name, value := range metadata.HTTPHeaders {
		if name != "Content-Length" && name != "Connection" {
			w.Header().Set(name, value)
		}
	}
	delete(output, "SdkHttpMetadata")
	delete(output, "SdkResponseMetadata")
	body, _ := json.Marshal(output)
	a.write(w, body)
}

// write writes a body as long as the recorded one, some of whose values have been replaced by shorter ones.
func (a answer) write(w http.ResponseWriter, body []byte) {
	var output struct {
		Metadata struct {
			Headers map[string]string `json:"HttpHeaders"`
		} `json:"SdkHttpMetadata"`
	}
	_ = json.Unmarshal([]byte(a.text("output")), &output) // then it has no length
	length, _ := strconv.Atoi(output.Metadata.Headers["Content-Length"])
	body = append(body, strings.Repeat(" ", max(0, length-len(body)))...)
	w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	_, _ = w.Write(body)
}
