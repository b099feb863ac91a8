package stepfunctions

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// service is a service with an AWS JSON protocol that answers always the same and keeps what it was asked.
type service struct {
	status int
	answer string

	mu     sync.Mutex
	target string
	body   string
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // then the body is not what is expected
	s.mu.Lock()
	defer s.mu.Unlock()
	s.target, s.body = r.Header.Get("X-Amz-Target"), string(body)
	w.Header().Set("Content-Type", awswire.JSON10)
	w.Header().Set("X-Amzn-Requestid", "request-1")
	w.WriteHeader(s.status)
	_, _ = io.WriteString(w, s.answer)
}

// call runs a task of the resource against the service.
func (s *service) call(t *testing.T, resource, parameters string) *types.TaskFailedEventDetails {
	t.Helper()
	server := httptest.NewServer(s)
	defer server.Close()
	b := newBench(t, Config{EndpointURL: func() string { return server.URL }, HTTPClient: server.Client()})
	out, events := b.run(`{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:states:::`+resource+`",
		"Parameters":`+parameters+`,"End":true}}}`, `{}`)
	if out.Status == types.ExecutionStatusSucceeded {
		require.Contains(t, *out.Output, `Id"`, "the answer is the result")
		return nil
	}
	return events[4].TaskFailedEventDetails
}

func TestSendMessageTask(t *testing.T) {
	sent := &service{status: http.StatusOK, answer: `{"MessageId":"1","MD5OfMessageBody":"2"}`}
	for _, resource := range []string{"sqs:sendMessage", "aws-sdk:sqs:sendMessage"} {
		require.Nil(t, sent.call(t, resource, `{"QueueUrl":"http://q","MessageBody":{"a":[1,2]},"MessageAttributes":{"k":{"DataType":"String","StringValue":"v"}}}`))
		require.Equal(t, "AmazonSQS.SendMessage", sent.target)
		require.JSONEq(t, `{"QueueUrl":"http://q","MessageBody":"{\"a\":[1,2]}","MessageAttributes":{"k":{"DataType":"String","StringValue":"v"}}}`, sent.body)
		require.Nil(t, sent.call(t, resource, `{"QueueUrl":"http://q","MessageBody":"text"}`))
		require.JSONEq(t, `{"QueueUrl":"http://q","MessageBody":"text"}`, sent.body)
	}
	refused := &service{status: http.StatusBadRequest, answer: `{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"No such queue."}`}
	failed := refused.call(t, "sqs:sendMessage", `{"QueueUrl":"http://q","MessageBody":"text"}`)
	require.Equal(t, "SQS.QueueDoesNotExistException", *failed.Error)
	require.Equal(t, "No such queue. (Service: AmazonSQS; Status Code: 400; Error Code: QueueDoesNotExist; Request ID: request-1; Proxy: null)", *failed.Cause)
}

// An event is sent with its detail as text, and tells of the execution that it comes from.
func TestPutEventsTask(t *testing.T) {
	put := &service{status: http.StatusOK, answer: `{"Entries":[{"EventId":"1"}],"FailedEntryCount":0}`}
	require.Nil(t, put.call(t, "events:putEvents", `{"Entries":[{"Detail":{"a":1},"DetailType":"t","Source":"s","Resources":["r"]}]}`))
	require.Equal(t, "AWSEvents.PutEvents", put.target)
	require.JSONEq(t, `{"Entries":[{"Detail":"{\"a\":1}","DetailType":"t","Source":"s","Resources":["r",
		"arn:aws:states:eu-west-1:123456789012:stateMachine:machine-0",
		"arn:aws:states:eu-west-1:123456789012:execution:machine-0:run"]}]}`, put.body)

	answer := `{"Entries":[{"ErrorCode":"MalformedDetail","ErrorMessage":"Detail is malformed."}],"FailedEntryCount":1}`
	partly := &service{status: http.StatusOK, answer: answer}
	failed := partly.call(t, "events:putEvents", `{"Entries":[{"Detail":"x","DetailType":"t","Source":"s"}]}`)
	require.Equal(t, "EventBridge.FailedEntry", *failed.Error)
	require.JSONEq(t, answer, *failed.Cause)
}
