package embedded_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/store/embedded/embeddedtest"
)

// client sends plain HTTP to a server, as curl would.
type client struct {
	t      *testing.T
	url    string
	params url.Values
	header http.Header
}

// newClient talks to the shared engine in a database of the test's own.
func newClient(t *testing.T) *client {
	t.Helper()
	dsn, err := url.Parse(embeddedtest.DSN(t))
	require.NoError(t, err)
	c := clientOf(t, embeddedtest.Server(t).URL())
	c.params.Set("database", strings.TrimPrefix(dsn.Path, "/"))
	return c
}

func clientOf(t *testing.T, serverURL string) *client {
	return &client{t: t, url: serverURL, params: url.Values{}, header: http.Header{}}
}

// with returns a client that adds URL parameters, given as name and value in turn.
func (c *client) with(pairs ...string) *client {
	copied := *c
	copied.params = url.Values{}
	for k, v := range c.params {
		copied.params[k] = v
	}
	for i := 0; i < len(pairs); i += 2 {
		copied.params.Set(pairs[i], pairs[i+1])
	}
	return &copied
}

func (c *client) withHeader(name, value string) *client {
	copied := *c
	copied.header = c.header.Clone()
	copied.header.Set(name, value)
	return &copied
}

type reply struct {
	status int
	header http.Header
	body   string
}

// code is ClickHouse's error code, "" for none.
func (r reply) code() string { return r.header.Get("X-ClickHouse-Exception-Code") }

func (c *client) do(method string, body io.Reader) (reply, error) {
	c.t.Helper()
	request, err := http.NewRequestWithContext(c.t.Context(), method, c.url+"/?"+c.params.Encode(), body)
	require.NoError(c.t, err)
	request.Header, request.Host = c.header, c.header.Get("Host")
	transport := &http.Transport{DisableCompression: true}
	defer transport.CloseIdleConnections()
	response, err := transport.RoundTrip(request)
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	return reply{response.StatusCode, response.Header, string(content)}, err
}

// post sends a statement as the body.
func (c *client) post(statement string) reply {
	c.t.Helper()
	r, err := c.do(http.MethodPost, strings.NewReader(statement))
	require.NoError(c.t, err)
	return r
}

// upload sends a statement in the URL and data as the body.
func (c *client) upload(statement string, data io.Reader) reply {
	c.t.Helper()
	r, err := c.with("query", statement).do(http.MethodPost, data)
	require.NoError(c.t, err)
	return r
}

func (c *client) get(statement string) reply {
	c.t.Helper()
	r, err := c.with("query", statement).do(http.MethodGet, nil)
	require.NoError(c.t, err)
	return r
}

// must runs a statement that has to work and returns its result without the last line end.
func (c *client) must(statement string) string {
	c.t.Helper()
	r := c.post(statement)
	require.Equal(c.t, http.StatusOK, r.status, "%s: %s", statement, r.body)
	return strings.TrimSuffix(r.body, "\n")
}

// refused runs a statement that has to fail with an error code.
func (c *client) refused(code, statement string) reply {
	c.t.Helper()
	r := c.post(statement)
	require.Equal(c.t, code, r.code(), "%s: %d %s", statement, r.status, r.body)
	require.True(c.t, strings.HasPrefix(r.body, "Code: "+code+". DB::Exception: "), r.body)
	return r
}
