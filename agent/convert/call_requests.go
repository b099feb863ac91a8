package convert

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
	"go.opentelemetry.io/otel/attribute"

	"github.com/steptrace/steptrace/spanid/semconv"
)

// requests are those that go to somebody's own API. Their query, headers and body are payload.
var requests = map[string]*service{
	"apigateway": {
		sent: []field{
			{"ApiEndpoint", semconv.ServerAddress, nil},
			{"Method", semconv.HTTPMethod, nil},
			{"@this", semconv.URLPath, asAPIPath},
		},
		received: []field{
			{"StatusCode", semconv.HTTPStatus, asNumber}, {"Headers.x-amzn-RequestId", semconv.AWSRequestID, nil},
		},
		failed: statusOfError("ApiGateway."),
	},
	"http": {
		sent: []field{
			{"ApiEndpoint", semconv.URLFull, asURL},
			{"ApiEndpoint", semconv.ServerAddress, asHost},
			{"Method", semconv.HTTPMethod, nil},
			{"Authentication.ConnectionArn", semconv.HTTPConnection, nil},
			{"InvocationConfig.ConnectionArn", semconv.HTTPConnection, nil},
		},
		received: []field{{"StatusCode", semconv.HTTPStatus, asNumber}},
		failed:   statusOfError("States.Http.StatusCode."),
	},
}

// asAPIPath is /STAGE/PATH of the parameters of an API Gateway call.
func asAPIPath(c *call, key string, v gjson.Result) {
	var path strings.Builder
	for _, name := range []string{"Stage", "Path"} {
		if part := strings.Trim(v.Get(name).String(), "/"); part != "" {
			path.WriteString("/" + part)
		}
	}
	c.node.putText(key, withoutQuery(path.String()))
}

func asPath(c *call, key string, v gjson.Result) {
	if v.Type == gjson.String {
		c.node.putText(key, strings.Clone(withoutQuery(v.Str)))
	}
}

func withoutQuery(path string) string {
	path, _, _ = strings.Cut(path, "?")
	path, _, _ = strings.Cut(path, "#")
	return path
}

// asURL is a URL without what can be secret in it.
func asURL(c *call, key string, v gjson.Result) {
	if u, ok := parsedURL(v); ok {
		c.node.putText(key, (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String())
	}
}

func asHost(c *call, key string, v gjson.Result) {
	if u, ok := parsedURL(v); ok {
		c.node.putText(key, u.Hostname())
	}
}

func parsedURL(v gjson.Result) (*url.URL, bool) {
	if v.Type != gjson.String {
		return nil, false
	}
	u, err := url.Parse(strings.Clone(v.Str))
	return u, err == nil && u.Host != ""
}

// statusOfError reads the status that the names of such errors end with, as in States.Http.StatusCode.404.
func statusOfError(prefix string) func(*node, *failure) {
	return func(n *node, f *failure) {
		text, ok := strings.CutPrefix(f.name, prefix)
		if status, err := strconv.Atoi(text); ok && err == nil && status >= 100 && status <= 599 {
			n.put(attribute.Int(semconv.HTTPStatus, status))
		}
	}
}
