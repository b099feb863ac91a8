package otlp

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// maxAnswer bounds what is read of a collector's answer; only the beginning of an error goes into the log.
const maxAnswer = 1 << 10

// Client posts encoded spans to one collector. It is safe for concurrent use.
type Client struct {
	// URL is where traces are posted, path included (…/v1/traces).
	URL string
	// Headers are added to each request; they often hold a token and are never logged.
	Headers http.Header
	// Compress gzips request bodies.
	Compress bool
	// HTTP does the requests. NewHTTPClient returns a suitable one.
	HTTP *http.Client
}

// NewHTTPClient returns a client for an environment that is frozen between requests: one connection, dropped early
// when idle, because the far end may have closed it meanwhile, and no redirects, which would carry headers elsewhere.
func NewHTTPClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			ForceAttemptHTTP2:   true,
			MaxIdleConnsPerHost: 1,
			IdleConnTimeout:     30 * time.Second,
			TLSHandshakeTimeout: 5 * time.Second,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// RefusedError is a collector's answer that sending the same spans again would not change.
type RefusedError struct {
	Status int
	Answer string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("the collector refused the spans: HTTP %d %s: %s", e.Status, http.StatusText(e.Status), e.Answer)
}

// Post sends the body returned by Encode. A *RefusedError means that it is of no use to try again.
func (c *Client) Post(ctx context.Context, body []byte) error {
	req, err := c.request(ctx, body)
	if err != nil {
		return err
	}
	res, err := c.HTTP.Do(req)
	if err != nil {
		return err
	}
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if closeErr := res.Body.Close(); err == nil {
		err = closeErr
	}
	if res.StatusCode/100 == 2 {
		return nil // accepted, whether or not the rest of the answer came through
	}
	if err != nil {
		return fmt.Errorf("read the collector's answer: %w", err)
	}
	return answerError(res.StatusCode, answer)
}

func (c *Client) request(ctx context.Context, body []byte) (*http.Request, error) {
	if c.Compress {
		body = compress(body)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for name, values := range c.Headers {
		req.Header[name] = values
	}
	req.Header.Set("Content-Type", ContentType)
	req.Header.Set("User-Agent", "steptrace-lambda-wrapper")
	if c.Compress {
		req.Header.Set("Content-Encoding", "gzip")
	}
	// Never sent, but lets net/http repeat the request when the connection died in the freeze. Spans have ids: a
	// repeated one is stored once.
	req.Header["Idempotency-Key"] = []string{}
	return req, nil
}

func compress(body []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed) // the level is valid
	_, _ = w.Write(body)                            // memory takes everything
	_ = w.Close()
	return b.Bytes()
}

// answerError follows the OTLP specification: 429, 502, 503 and 504 may be tried again, the rest may not.
func answerError(status int, answer []byte) error {
	switch status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return fmt.Errorf("the collector is busy or away: HTTP %d %s", status, http.StatusText(status))
	default:
		return &RefusedError{Status: status, Answer: strings.ToValidUTF8(string(bytes.TrimSpace(answer)), "\uFFFD")}
	}
}

// Refused tells whether err says that trying again is of no use.
func Refused(err error) bool {
	var refused *RefusedError
	return errors.As(err, &refused)
}
