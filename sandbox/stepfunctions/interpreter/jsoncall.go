package interpreter

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/steptrace/steptrace/sandbox/awswire"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// maxResponse bounds what a service may answer: well above MaxDataBytes, beyond which the task fails anyhow.
const maxResponse = 16 << 20

// jsonService is a service with one of the AWS JSON protocols, as an integration sees it.
type jsonService struct {
	target      string // of X-Amz-Target: "DynamoDB_20120810"
	contentType string
	signing     string // the service's name in signatures
	prefix      string // of error names: "DynamoDb"
	generic     string // the error name for codes that have no exception of their own
	optimized   bool   // causes are worded as SDK 1 did
	causeName   string // what a cause calls the service

	request  func(*run, dataflow.Value) dataflow.Value // makes the API's input of a task's arguments; nil: it is them
	response func(dataflow.Value) dataflow.Value       // makes the task's result of the API's output; nil: it is that
	check    func(dataflow.Value) *Failure             // tells that a result is an error; nil: none is
	headers  func(answer) []header                     // what optimized integrations pass on
}

var (
	dynamoDBSDK = jsonService{
		target: "DynamoDB_20120810", contentType: awswire.JSON10, signing: "dynamodb",
		prefix: "DynamoDb", generic: "DynamoDbException", causeName: "DynamoDb",
	}
	dynamoDBOptimized = jsonService{
		target: "DynamoDB_20120810", contentType: awswire.JSON10, signing: "dynamodb",
		prefix: "DynamoDB", generic: "AmazonDynamoDBException", causeName: "AmazonDynamoDBv2", optimized: true,
		headers: answer.dynamoDBHeaders,
	}
	rekognitionSDK = jsonService{
		target: "RekognitionService", contentType: awswire.JSON11, signing: "rekognition",
		prefix: "Rekognition", generic: "RekognitionException", causeName: "Rekognition",
	}
)

// genericCodes are error codes for which SDKs have no exception.
var genericCodes = map[string]bool{
	"ValidationException": true, "SerializationException": true, "UnknownOperationException": true,
	"UnrecognizedClientException": true, "MissingAuthenticationTokenException": true,
	"IncompleteSignatureException": true, "InvalidSignatureException": true, "InternalFailure": true,
	"ServiceUnavailable": true, "RequestEntityTooLargeException": true, "InvalidParameterValueException": true,
	"MissingRequiredParameterException": true,
}

// jsonCall passes a task's arguments to an operation and its answer back, as they are.
func (r *run) jsonCall(service jsonService, action string) taskCall {
	operation := strings.ToUpper(action[:min(1, len(action))]) + action[min(1, len(action)):]
	return func(ctx context.Context, arguments dataflow.Value) (dataflow.Value, *Failure) {
		if service.request != nil {
			arguments = service.request(r, arguments)
		}
		a, err := r.post(ctx, service, operation, jsonvalue.Encode(arguments))
		if err != nil {
			failure := failuref(service.prefix+".SdkClientException", "Unable to execute HTTP request: %v", err)
			return nil, &failure
		}
		if a.status >= http.StatusBadRequest {
			return nil, service.failure(a)
		}
		return service.output(a)
	}
}

// answer is a service's response.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (r *run) post(ctx context.Context, service jsonService, operation string, body []byte) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.EndpointURL(), bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	request.Header.Set("Content-Type", service.contentType)
	request.Header.Set("X-Amz-Target", service.target+"."+operation)
	request.Header.Set("X-Amzn-Trace-Id", r.traceHeader())
	if err := r.sign(ctx, request, service.signing, body); err != nil {
		return answer{}, err
	}
	response, err := r.HTTP.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxResponse))
	return answer{status: response.StatusCode, header: response.Header, body: text}, err
}

func (r *run) sign(ctx context.Context, request *http.Request, service string, body []byte) error {
	hash := sha256.Sum256(body)
	return v4.NewSigner().SignHTTP(ctx, sandboxCredentials, request, hex.EncodeToString(hash[:]), service, r.Region,
		r.Clock.Now())
}

// sandboxCredentials are those of the execution role: the sandbox does not check any.
var sandboxCredentials = aws.Credentials{AccessKeyID: "sandbox", SecretAccessKey: "sandbox", Source: "sandbox"}

func (s jsonService) output(a answer) (dataflow.Value, *Failure) {
	value, err := jsonvalue.Decode(a.body)
	if err != nil {
		failure := failuref(s.prefix+".SdkClientException", "the answer of %s is %v", s.causeName, err)
		return nil, &failure
	}
	if s.response != nil {
		value = s.response(value)
	}
	if s.check != nil {
		if failure := s.check(value); failure != nil {
			return nil, failure
		}
	}
	object, ok := value.(*jsonvalue.Object)
	if s.headers == nil || !ok {
		return value, nil
	}
	return withSDKMetadata(object.Clone(), a.status, a.requestID(), s.headers(a)), nil
}

// commonHeaders are those that most optimized integrations pass on.
func (a answer) commonHeaders() []header {
	headers := []header{
		{"x-amzn-RequestId", a.requestID()},
		{"connection", "keep-alive"},
		{"Content-Length", fmt.Sprint(len(a.body))},
		{"Date", a.header.Get("Date")},
		{"Content-Type", a.header.Get("Content-Type")},
	}
	return slices.DeleteFunc(headers, func(h header) bool { return h.value == "" })
}

// dynamoDBHeaders are those that DynamoDB's optimized integration passes on.
func (a answer) dynamoDBHeaders() []header {
	headers := []header{
		{"Server", "Server"},
		{"Connection", "keep-alive"},
		{"x-amzn-RequestId", a.requestID()},
		{"x-amz-crc32", a.header.Get("X-Amz-Crc32")},
		{"Content-Length", fmt.Sprint(len(a.body))},
		{"Date", a.header.Get("Date")},
		{"Content-Type", a.header.Get("Content-Type")},
	}
	return slices.DeleteFunc(headers, func(h header) bool { return h.value == "" })
}

func (s jsonService) failure(a answer) *Failure {
	var report struct {
		Type     string `json:"__type"`
		Message  string `json:"message"`
		Message2 string `json:"Message"`
	}
	_ = json.Unmarshal(a.body, &report) // an answer that is not JSON has neither code nor message
	_, code, found := strings.Cut(report.Type, "#")
	if !found {
		code = cmp.Or(report.Type, "InternalFailure")
	}
	message := cmp.Or(report.Message, report.Message2)
	failure := failuref(s.prefix+"."+s.exception(code), "%s", s.cause(message, code, a))
	return &failure
}

// exception is the name of the SDK's exception for an error code.
func (s jsonService) exception(code string) string {
	switch {
	case genericCodes[code]:
		return s.generic
	case strings.HasSuffix(code, "Exception"):
		return code
	}
	return code + "Exception"
}

func (s jsonService) cause(message, code string, a answer) string {
	if s.optimized {
		return fmt.Sprintf("%s (Service: %s; Status Code: %d; Error Code: %s; Request ID: %s; Proxy: null)",
			message, s.causeName, a.status, code, a.requestID())
	}
	return fmt.Sprintf("%s (Service: %s, Status Code: %d, Request ID: %s)",
		message, s.causeName, a.status, a.requestID())
}

func (a answer) requestID() string {
	return cmp.Or(a.header.Get("X-Amzn-Requestid"), a.header.Get("X-Amz-Request-Id"))
}
