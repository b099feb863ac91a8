package extension

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func serve(t *testing.T, handle http.HandlerFunc) (api string) {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

func TestRegisterAndNext(t *testing.T) {
	api := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch {
		case r.Method == http.MethodPost && r.URL.Path == "/2020-01-01/extension/register" &&
			r.Header.Get("Lambda-Extension-Name") == "steptrace" && string(body) == `{"events":["INVOKE"]}`:
			w.Header().Set("Lambda-Extension-Identifier", "id-7")
		case r.Method == http.MethodGet && r.URL.Path == "/2020-01-01/extension/event/next" &&
			r.Header.Get("Lambda-Extension-Identifier") == "id-7":
			_, _ = io.WriteString(w, `{"eventType":"INVOKE","deadlineMs":676051,"requestId":"3da1f2dc",
				"invokedFunctionArn":"arn","tracing":{"type":"X-Amzn-Trace-Id","value":"Root=1"}}`)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	})
	c, err := Register(context.Background(), api, "steptrace", Invoke)
	require.NoError(t, err)
	defer c.Close()
	event, err := c.Next(context.Background())
	require.NoError(t, err)
	require.Equal(t, Event{Type: Invoke, RequestID: "3da1f2dc", DeadlineMS: 676051}, event)
}

func TestFailuresAreNamed(t *testing.T) {
	for name, tc := range map[string]struct {
		handle http.HandlerFunc
		want   string
	}{
		"refused": {
			func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusForbidden)
				_, _ = io.WriteString(w, `{"errorType":"Extension.TooLate"}`)
			},
			`register the extension "steptrace": HTTP 403: {"errorType":"Extension.TooLate"}`,
		},
		"no identifier": {
			func(http.ResponseWriter, *http.Request) {},
			`register the extension "steptrace": the answer has no Lambda-Extension-Identifier header`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Register(context.Background(), serve(t, tc.handle), "steptrace")
			require.EqualError(t, err, tc.want)
		})
	}
}

func TestAnEventThatIsNotJSONIsAnError(t *testing.T) {
	api := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Lambda-Extension-Identifier", "id")
		_, _ = io.WriteString(w, "<html>")
	})
	c, err := Register(context.Background(), api, "steptrace", Invoke)
	require.NoError(t, err)
	defer c.Close()
	_, err = c.Next(context.Background())
	require.ErrorContains(t, err, "decode the extension event")
}
