// Package extension is a client of the Lambda Extensions API, for internal extensions, which live in the function's own
// process, and for external ones.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
package extension

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	apiVersion       = "2020-01-01"
	headerName       = "Lambda-Extension-Name"
	headerIdentifier = "Lambda-Extension-Identifier"
)

// maxEvent bounds an event; INVOKE is about 500 bytes.
const maxEvent = 64 << 10

// Client is a registered extension.
type Client struct {
	baseURL string
	id      string
	http    *http.Client
}

// Event is one answer of event/next.
type Event struct {
	Type       string `json:"eventType"` // Invoke or Shutdown
	RequestID  string `json:"requestId"`
	DeadlineMS int64  `json:"deadlineMs"` // Unix milliseconds: until when this extension may work
	Reason     string `json:"shutdownReason"`
}

// longestInvocation is Lambda's quota.
const longestInvocation = 15 * time.Minute

// Deadline is when Lambda kills the environment unless this extension has asked for its next event.
func (e Event) Deadline() time.Time {
	if e.DeadlineMS == 0 { // an emulator that does not say
		return time.Now().Add(longestInvocation)
	}
	return time.UnixMilli(e.DeadlineMS)
}

// The types of events. Only external extensions may ask for Shutdown.
const (
	Invoke   = "INVOKE"
	Shutdown = "SHUTDOWN"
)

// Register announces an extension of that name for events at the API of AWS_LAMBDA_RUNTIME_API (host:port).
// Lambda takes registrations only until the function first asks for an invocation.
func Register(ctx context.Context, api, name string, events ...string) (*Client, error) {
	c := &Client{baseURL: "http://" + api + "/" + apiVersion + "/extension/", http: newHTTPClient()}
	body, _ := json.Marshal(map[string][]string{"events": append([]string{}, events...)}) // texts always marshal
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.baseURL+"register", bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("register the extension %q: %w", name, err)
	}
	req.Header.Set(headerName, name)
	req.Header.Set("Content-Type", "application/json")
	header, _, err := c.do(req)
	if err != nil {
		return nil, fmt.Errorf("register the extension %q: %w", name, err)
	}
	if c.id = header.Get(headerIdentifier); c.id == "" {
		return nil, fmt.Errorf("register the extension %q: the answer has no %s header", name, headerIdentifier)
	}
	return c, nil
}

// newHTTPClient has no proxy, which could not reach the environment's loopback, and no timeout: event/next answers
// when there is an event.
func newHTTPClient() *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1}}
}

// Next says that this extension has finished with the last event and waits for the next one. The environment may be
// frozen in between.
func (c *Client) Next(ctx context.Context) (Event, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.baseURL+"event/next", nil)
	if err != nil {
		return Event{}, fmt.Errorf("ask for the next extension event: %w", err)
	}
	req.Header.Set(headerIdentifier, c.id)
	_, body, err := c.do(req)
	if err != nil {
		return Event{}, fmt.Errorf("ask for the next extension event: %w", err)
	}
	var e Event
	if err := json.Unmarshal(body, &e); err != nil {
		return Event{}, fmt.Errorf("decode the extension event: %w", err)
	}
	return e, nil
}

// Close drops the idle connection.
func (c *Client) Close() { c.http.CloseIdleConnections() }

func (c *Client) do(req *http.Request) (http.Header, []byte, error) {
	res, err := c.http.Do(req)
	if err != nil {
		return nil, nil, err
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxEvent))
	if closeErr := res.Body.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return nil, nil, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, nil, fmt.Errorf("HTTP %d: %.200s", res.StatusCode, body)
	}
	return res.Header, body, nil
}
