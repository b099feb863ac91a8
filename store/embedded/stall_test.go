package embedded_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/store/embedded"
	"github.com/steptrace/steptrace/store/embedded/embeddedtest"
)

func impatient(t *testing.T) *client {
	t.Helper()
	require.NoError(t, embeddedtest.Stop())
	return clientOf(t, open(t, embedded.Config{StallTimeout: 100 * time.Millisecond, MaxQueries: 1}).URL())
}

// send opens a connection and begins a request on it.
func send(t *testing.T, c *client, head string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(c.url, "http://"))
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	_, err = fmt.Fprintf(conn, "POST /?%s HTTP/1.1\r\nHost: localhost\r\n%s", c.params.Encode(), head)
	require.NoError(t, err)
	return conn
}

func TestStalledUploadIsGivenUp(t *testing.T) {
	c := impatient(t)
	c.must("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
	conn := send(t, c.with("query", "INSERT INTO t FORMAT TSV"), "Content-Length: 600\r\n\r\n1\n2\n3\n")
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	defer response.Body.Close()
	message, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, "209", response.Header.Get("X-ClickHouse-Exception-Code"), "%s", message)
	require.Equal(t, "0", c.must("SELECT count() FROM t"))
}

func TestResultThatNobodyTakesIsGivenUp(t *testing.T) {
	c := impatient(t)
	send(t, c.with("query", "SELECT repeat('x', 1000) FROM system.numbers"), "Content-Length: 0\r\n\r\n")
	// The only statement that may run at once is that one, so this waits for its end.
	require.Equal(t, "1", c.must("SELECT 1"))
}

func TestSlowStatementsAreNoStall(t *testing.T) {
	c := impatient(t)
	require.Equal(t, "0", c.must("SELECT sleep(0.4)"))
	require.Equal(t, "0", c.with("query", "SELECT sleep(0.4)").must(""))
}
