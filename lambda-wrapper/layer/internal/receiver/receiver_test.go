package receiver

import (
	"bytes"
	"compress/gzip"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/steptrace/steptrace/lambda-wrapper/internal/otlp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// spans is an export request with one empty span.
const spans = "\n\x04\x12\x02\x12\x00"

type post struct {
	path, contentType, encoding, body string
}

// send returns the answer and what was taken.
func send(t *testing.T, p post, takes error) (*httptest.ResponseRecorder, string) {
	t.Helper()
	var taken string
	rc := &Receiver{Take: func(s otlp.Signal, request []byte) error {
		taken = string(s) + " " + string(request)
		return takes
	}}
	r := httptest.NewRequest(http.MethodPost, p.path, strings.NewReader(p.body))
	r.Header.Set("Content-Type", p.contentType)
	r.Header.Set("Content-Encoding", p.encoding)
	w := httptest.NewRecorder()
	rc.ServeHTTP(w, r)
	return w, taken
}

func zipped(t *testing.T, s string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write([]byte(s))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}

func TestExportsOfAllKindsAreTaken(t *testing.T) {
	for name, tc := range map[string]struct {
		post
		taken, answer string
	}{
		"protobuf":      {post{"/v1/traces", "application/x-protobuf", "", spans}, "traces " + spans, ""},
		"gzip":          {post{"/v1/traces", "application/x-protobuf", "gzip", zipped(t, spans)}, "traces " + spans, ""},
		"json":          {post{"/v1/traces", "application/json; charset=utf-8", "", `{"resourceSpans":[{"scopeSpans":[{"scope":{}}]}]}`}, "traces \n\x04\x12\x02\n\x00", "{}"},
		"logs":          {post{"/v1/logs", "application/json", "", `{"resourceLogs":[{}]}`}, "logs \n\x00", "{}"},
		"metrics":       {post{"/v1/metrics", "application/x-protobuf", "", ""}, "metrics ", ""},
		"zipped json":   {post{"/v1/traces", "application/json", "gzip", zipped(t, `{}`)}, "traces ", "{}"},
		"no encoding":   {post{"/v1/traces", "application/x-protobuf", "identity", spans}, "traces " + spans, ""},
		"future fields": {post{"/v1/traces", "application/x-protobuf", "", "\x78\x01"}, "traces \x78\x01", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w, taken := send(t, tc.post, nil)
			require.Equal(t, http.StatusOK, w.Code, w.Body)
			require.Equal(t, tc.taken, taken)
			require.Equal(t, tc.answer, w.Body.String())
			require.Equal(t, strings.Split(tc.contentType, ";")[0], w.Header().Get("Content-Type"))
		})
	}
}

func TestWhatIsNoExportIsRefused(t *testing.T) {
	big := strings.Repeat("\x78\x01", MaxRequest/2+1)
	for name, tc := range map[string]struct {
		post
		status int
		says   string
	}{
		"elsewhere":        {post{"/v1/profiles", "application/x-protobuf", "", ""}, 404, "404"},
		"grpc":             {post{"/v1/traces", "application/grpc", "", ""}, 415, "application/x-protobuf or application/json"},
		"too large":        {post{"/v1/traces", "application/x-protobuf", "", big}, 413, "smaller batches"},
		"too large zipped": {post{"/v1/traces", "application/x-protobuf", "gzip", zipped(t, big)}, 413, "smaller batches"},
		"not zipped":       {post{"/v1/traces", "application/x-protobuf", "gzip", spans}, 400, "gzip"},
		"unknown encoding": {post{"/v1/traces", "application/x-protobuf", "br", spans}, 400, `"br" is not known`},
		"cut":              {post{"/v1/traces", "application/x-protobuf", "", spans[:3]}, 400, "no protobuf"},
		"not JSON":         {post{"/v1/traces", "application/json", "", spans}, 400, "no JSON"},
		"no type":          {post{"/v1/traces", "", "", spans}, 415, "application/json"},
	} {
		t.Run(name, func(t *testing.T) {
			w, taken := send(t, tc.post, nil)
			require.Equal(t, tc.status, w.Code)
			require.Contains(t, w.Body.String(), tc.says)
			require.Empty(t, taken)
		})
	}
	w, _ := send(t, post{"/v1/traces", "application/x-protobuf", "", spans}, errors.New("no ids"))
	require.Equal(t, 400, w.Code)
	require.Equal(t, "steptrace: no ids\n", w.Body.String())
}
