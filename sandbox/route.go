package sandbox

import (
	"net"
	"net/http"
	"regexp"
	"strings"

	"github.com/steptrace/steptrace/sandbox/awswire"
	"github.com/steptrace/steptrace/sandbox/cloudwatchlogs"
	"github.com/steptrace/steptrace/sandbox/s3"
	"github.com/steptrace/steptrace/sandbox/sqs"
)

// request is where a request goes and in which protocol an error is answered.
type request struct {
	service   string
	operation string
	protocol  protocol
}

type protocol int

const (
	restXML  protocol = iota // S3
	json10                   // AWS JSON 1.0
	json11                   // AWS JSON 1.1
	restJSON                 // Lambda and other newer services
	query                    // form in, XML out: STS, SNS, IAM …
)

// targets are the services that speak AWS JSON, by the prefix of X-Amz-Target.
var targets = map[string]request{
	"AWSStepFunctions":   {service: StepFunctions, protocol: json10},
	"DynamoDB_20120810":  {service: DynamoDB, protocol: json10},
	"RekognitionService": {service: Rekognition, protocol: json11},
	"AWSEvents":          {service: EventBridge, protocol: json11},
	sqs.TargetPrefix:     {service: SQS, protocol: json10},

	cloudwatchlogs.TargetPrefix: {service: Logs, protocol: json11},
}

// lambdaPath begins with the date of Lambda's API version.
var lambdaPath = regexp.MustCompile(`^/20\d\d-\d\d-\d\d/`)

// classify names the service and operation of a request, as its client meant them.
func classify(r *http.Request) request {
	if service, operation := awswire.Target(r); service != "" {
		return classifyJSON(r, service, operation)
	}
	signed := signedService(r)
	form := strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
	switch {
	case r.Method == http.MethodPost && form && signed != S3:
		return request{service: signed, operation: "Query", protocol: query}
	case lambdaPath.MatchString(r.URL.Path) && signed != S3:
		return request{service: Lambda, operation: lambdaOperation(r), protocol: restJSON}
	case signed == "" || signed == S3:
		return request{service: S3, operation: s3.Operation(r), protocol: restXML}
	}
	return request{service: signed, operation: r.Method + " " + r.URL.Path, protocol: restJSON}
}

func classifyJSON(r *http.Request, service, operation string) request {
	out, known := targets[service]
	if !known {
		out = request{service: service, protocol: json10}
		if r.Header.Get("Content-Type") == awswire.JSON11 {
			out.protocol = json11
		}
	}
	out.operation = operation
	return out
}

// lambdaOperation tells Invoke from the rest, which go by method and path.
func lambdaOperation(r *http.Request) string {
	if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/invocations") {
		return "Invoke"
	}
	return r.Method + " " + r.URL.Path
}

// signedService is the service in the credential scope "AKID/date/region/service/aws4_request"; empty when the request
// is not signed. The signature itself is not looked at.
func signedService(r *http.Request) string {
	_, scope, ok := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	if !ok {
		scope = r.URL.Query().Get("X-Amz-Credential")
	}
	scope, _, _ = strings.Cut(scope, ",")
	parts := strings.Split(scope, "/")
	if len(parts) < 5 {
		return ""
	}
	return parts[len(parts)-2]
}

// refuse keeps web pages out: a page that the user visits could send requests to loopback (Lambda runs what it is
// given). Browsers cannot add an Authorization or X-Amz-Target header without asking first, which is never granted
// here, and a page that points its own host name at loopback shows that name.
func refuse(r *http.Request, in request) error {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if net.ParseIP(strings.Trim(host, "[]")) == nil && host != "localhost" && !strings.HasSuffix(host, ".localhost") {
		return &awswire.Error{
			Code: "AccessDeniedException", Status: http.StatusForbidden,
			Message: "The sandbox answers to an IP address or to localhost, not to the name " + host + ".",
		}
	}
	if in.service != S3 && r.Header.Get("Authorization") == "" && r.Header.Get("X-Amz-Target") == "" {
		return &awswire.Error{
			Code: "MissingAuthenticationTokenException", Status: http.StatusForbidden,
			Message: "Missing Authentication Token",
		}
	}
	return nil
}
