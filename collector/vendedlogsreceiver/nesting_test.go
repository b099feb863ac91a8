package vendedlogsreceiver_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent/vendedlogs/vendedlogstest"
)

// An input is text, however deep what is written in it nests; and what nests in the request itself is refused.
func TestNestingIsHarmless(t *testing.T) {
	url, cfg := listening(t)
	sink := vendedlogstest.NewSink()
	stop := start(t, cfg, settings(), sink)
	defer stop()
	const levels = 100_000 // within the megabyte that an event may have
	for name, nested := range map[string]string{
		"a": strings.Repeat("[", levels) + strings.Repeat("]", levels), "b": strings.Repeat(`{\"a\":`, levels),
		"c": strings.Repeat("[", 9_000) + `{\"password\":\"x\"}` + strings.Repeat("]", 9_000),
	} {
		lines := vendedlogstest.Lines(t, arn+name, vendedlogstest.Simple, time.Now())
		text := strings.Replace(lines[0].Text, `"input":"{}"`, `"input":"`+nested+`"`, 1)
		require.NotEqual(t, lines[0].Text, text)
		lines[0].Text = text
		require.Equal(t, http.StatusOK, post(t, url, "", firehose(vendedlogstest.Subscription(t, lines...))), name)
	}
	require.Len(t, sink.Spans(), 6)
	for _, body := range []string{
		strings.Repeat("[", levels), `{"records":` + strings.Repeat("[", levels) + strings.Repeat("]", levels) + `}`,
		`{"unknown":` + strings.Repeat(`{"a":`, levels) + `1` + strings.Repeat("}", levels) + `,"records":[]}`,
	} {
		require.Equal(t, http.StatusBadRequest, post(t, url, "", []byte(body)))
	}
	require.Equal(t, http.StatusOK, post(t, url, "", []byte(`{"records":[]}`)), "it goes on")
}
