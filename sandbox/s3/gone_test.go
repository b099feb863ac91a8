package s3_test

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/quartz"
	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/sandbox/s3"
)

// journal is a log that is written and read at once.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) Write(line []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(line)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// A client that closes a body unread is no error of the service.
func TestAClientThatGoesAwayIsNoError(t *testing.T) {
	log, events := &journal{}, &bus{}
	service, err := s3.New(s3.Config{
		Dir: t.TempDir(), Region: "eu-west-1", AccountID: "123456789012", Clock: quartz.NewReal(), Publish: events.publish,
		Logger: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	require.NoError(t, err)
	endpoint := httptest.NewServer(service)
	t.Cleanup(func() {
		endpoint.Close()
		require.NoError(t, service.Close())
	})
	put(t, endpoint.URL+"/uploads", nil)
	put(t, endpoint.URL+"/uploads/large", make([]byte, 16<<20))

	conn, err := net.Dial("tcp", endpoint.Listener.Addr().String())
	require.NoError(t, err)
	_, err = io.WriteString(conn, "GET /uploads/large HTTP/1.1\r\nHost: localhost\r\n\r\n")
	require.NoError(t, err)
	_, err = io.ReadFull(conn, make([]byte, 1000))
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	require.Eventually(t, func() bool { return strings.Contains(log.String(), "level=DEBUG") }, 10*time.Second,
		10*time.Millisecond)
	require.NotContains(t, log.String(), "level=ERROR")
}

func put(t *testing.T, url string, body []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, url, bytes.NewReader(body))
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusOK, response.StatusCode)
}
