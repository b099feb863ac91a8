package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/image-workflow/uploadevent"
)

// fakeAWS answers S3 and DynamoDB and keeps the items put.
type fakeAWS struct {
	t        *testing.T
	s3Status int
	dbStatus int
	gets     []string
	puts     []map[string]any
}

func (f *fakeAWS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("X-Amz-Target") != "DynamoDB_20120810.PutItem" {
		f.gets = append(f.gets, r.Method+" "+r.URL.EscapedPath())
		w.Header().Set("Content-Type", "image/png")
		w.WriteHeader(f.s3Status)
		_, _ = io.WriteString(w, "12345")
		return
	}
	var put map[string]any
	if err := json.NewDecoder(r.Body).Decode(&put); err != nil {
		f.t.Errorf("PutItem: %v", err)
	}
	f.puts = append(f.puts, put)
	w.WriteHeader(f.dbStatus)
	if f.dbStatus != http.StatusOK {
		_, _ = io.WriteString(w,
			`{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"no table"}`)
		return
	}
	_, _ = io.WriteString(w, `{}`)
}

// deployed configures the handler as Lambda does: by the environment.
func deployed(t *testing.T, f *fakeAWS) *handler {
	t.Helper()
	f.t = t
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": server.URL, "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKID",
		"AWS_SECRET_ACCESS_KEY": "secret", "AWS_MAX_ATTEMPTS": "1", "TABLE_NAME": "images",
	} {
		t.Setenv(name, value)
	}
	cfg, err := config.LoadDefaultConfig(t.Context())
	require.NoError(t, err)
	h, err := newHandler(cfg)
	require.NoError(t, err)
	return h
}

func upload(t *testing.T) uploadevent.Event {
	t.Helper()
	var e uploadevent.Event
	require.NoError(t, json.Unmarshal(
		[]byte(`{"detail":{"bucket":{"name":"uploads"},"object":{"key":"my photo+1.png"}}}`), &e))
	return e
}

func TestTheItemIsStoredAndReturned(t *testing.T) {
	aws := &fakeAWS{s3Status: http.StatusOK, dbStatus: http.StatusOK}
	got, err := deployed(t, aws).handle(t.Context(), upload(t))
	require.NoError(t, err)
	require.Regexp(t, `^[0-9a-f]{32}$`, got.ID)
	require.Equal(t, item{got.ID, "uploads", "my photo+1.png", 5, "image/png"}, got)
	require.Equal(t, []string{"GET /uploads/my%20photo%2B1.png"}, aws.gets)
	require.Equal(t, []map[string]any{{
		"TableName": "images",
		"Item": map[string]any{
			"id": map[string]any{"S": got.ID}, "s3_bucket": map[string]any{"S": "uploads"},
			"filename": map[string]any{"S": "my photo+1.png"}, "filesize": map[string]any{"N": "5"},
			"contentType": map[string]any{"S": "image/png"},
		},
	}}, aws.puts)
	text, err := json.Marshal(got)
	require.NoError(t, err)
	require.JSONEq(t, `{"id":"`+got.ID+`","s3_bucket":"uploads","filename":"my photo+1.png","filesize":5,`+
		`"contentType":"image/png"}`, string(text))
}

func TestFailuresSayWhatAndWhere(t *testing.T) {
	for _, tc := range []struct {
		aws  fakeAWS
		want string
	}{
		{fakeAWS{s3Status: http.StatusForbidden}, "read s3://uploads/my photo+1.png: operation error S3: GetObject"},
		{
			fakeAWS{s3Status: http.StatusOK, dbStatus: http.StatusBadRequest},
			"store the metadata of my photo+1.png in table images: operation error DynamoDB: PutItem",
		},
	} {
		_, err := deployed(t, &tc.aws).handle(t.Context(), upload(t))
		require.ErrorContains(t, err, tc.want)
	}
	_, err := deployed(t, &fakeAWS{}).handle(t.Context(), uploadevent.Event{})
	require.ErrorIs(t, err, uploadevent.ErrNoObject)
}

func TestATableIsNeeded(t *testing.T) {
	t.Setenv("TABLE_NAME", "")
	cfg, err := config.LoadDefaultConfig(t.Context())
	require.NoError(t, err)
	_, err = newHandler(cfg)
	require.ErrorContains(t, err, "TABLE_NAME is empty")
}
