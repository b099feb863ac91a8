package awswire_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

func TestWriteError(t *testing.T) {
	w := httptest.NewRecorder()
	awswire.WriteError(w, awswire.JSON10, fmt.Errorf("put: %w", awswire.Errorf("ThrottlingException", "%d too many", 3)))
	require.Equal(t, http.StatusBadRequest, w.Code)
	require.Equal(t, "application/x-amz-json-1.0", w.Header().Get("Content-Type"))
	require.Equal(t, "ThrottlingException", w.Header().Get("x-amzn-ErrorType"))
	require.Len(t, w.Header().Get("x-amzn-RequestId"), 36)
	require.JSONEq(t, `{"__type":"ThrottlingException","message":"3 too many"}`, w.Body.String())

	w = httptest.NewRecorder()
	awswire.WriteError(w, awswire.JSON11, errors.New("disk full"))
	require.Equal(t, http.StatusInternalServerError, w.Code)
	require.JSONEq(t, `{"__type":"InternalFailure","message":"disk full"}`, w.Body.String())

	w = httptest.NewRecorder()
	awswire.WriteError(w, awswire.JSON11, &awswire.Error{Code: "E"})
	require.Equal(t, http.StatusBadRequest, w.Code, "the status of an error that has none")
}

func TestWriteJSONKeepsTheRequestID(t *testing.T) {
	w := httptest.NewRecorder()
	id := awswire.RequestID(w)
	awswire.WriteJSON(w, awswire.JSON11, map[string]int{"a": 1})
	require.Equal(t, id, w.Header().Get("x-amzn-RequestId"))
	require.JSONEq(t, `{"a":1}`, w.Body.String())
}

func TestDecode(t *testing.T) {
	for body, code := range map[string]string{
		"": "", `{"N":1}`: "", "{": "SerializationException", `{"N":"x"}`: "SerializationException",
		strings.Repeat(" ", 32<<20+1): "RequestEntityTooLargeException",
	} {
		var in struct{ N int }
		err := awswire.Decode(httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body)), &in)
		if code == "" {
			require.NoError(t, err)
			continue
		}
		require.Equal(t, code, awswire.AsError(err).Code)
	}
}

func TestTarget(t *testing.T) {
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	service, operation := awswire.Target(r)
	require.Equal(t, "", service+operation)
	r.Header.Set("X-Amz-Target", "DynamoDB_20120810.PutItem")
	service, operation = awswire.Target(r)
	require.Equal(t, "DynamoDB_20120810 PutItem", service+" "+operation)
}

type greeter struct{ greeting string }

func (g greeter) greet(_ context.Context, in struct{ Name string }) (string, error) {
	if in.Name == "" {
		return "", awswire.Errorf("ValidationException", "Name is missing")
	}
	return g.greeting + ", " + in.Name, nil
}

func TestOperations(t *testing.T) {
	operations := awswire.Operations[greeter]{"Greet": awswire.Typed(greeter.greet)}
	for _, c := range []struct {
		operation, body string
		status          int
		want            string
	}{
		{"Greet", `{"Name":"you"}`, 200, `"hello, you"`},
		{"Greet", "", 400, "Name is missing"},
		{"Greet", `{"Name":1}`, 400, "SerializationException"},
		{"Leave", "{}", 400, "The sandbox does not support Manners Leave"},
	} {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(c.body))
		r.Header.Set("X-Amz-Target", "Manners_20260101."+c.operation)
		w := httptest.NewRecorder()
		operations.Serve(w, r, greeter{"hello"}, "Manners", awswire.JSON11)
		require.Equal(t, c.status, w.Code, c.body)
		require.Contains(t, w.Body.String(), c.want)
		require.Equal(t, awswire.JSON11, w.Header().Get("Content-Type"))
	}
}
