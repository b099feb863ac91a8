package convert

import (
	"strings"

	"github.com/tidwall/gjson"

	"github.com/steptrace/steptrace/spanid/semconv"
)

// requestOf reads a request as API Gateway passes it on: of a REST API, or of an HTTP API in version 2.0.
func requestOf(input gjson.Result, _ int) (trigger, bool) {
	request := input.Get("requestContext")
	if !request.IsObject() {
		return trigger{}, false
	}
	method, route := input.Get("httpMethod").String(), input.Get("resource").String()
	if http := request.Get("http"); http.IsObject() {
		method = http.Get("method").String()
		_, route, _ = strings.Cut(request.Get("routeKey").String(), " ") // METHOD /ROUTE
	}
	api := request.Get("apiId").String()
	if method == "" || api == "" {
		return trigger{}, false
	}
	t := trigger{name: strings.TrimSpace(method + " " + route), service: "apigateway"}
	t.when(timeOfMilliseconds(request.Get("requestTimeEpoch").Float()))
	t.when(timeOfMilliseconds(request.Get("timeEpoch").Float()))
	t.text(semconv.TriggerSource, "aws.apigateway")
	t.text(semconv.TriggerAPI, api)
	t.text(semconv.TriggerStage, request.Get("stage").String())
	t.text(semconv.HTTPMethod, method)
	t.text(semconv.HTTPRoute, route)
	t.text(semconv.ServerAddress, request.Get("domainName").String())
	t.text(semconv.AWSRequestID, request.Get("requestId").String())
	t.text(semconv.CloudAccountID, request.Get("accountId").String())
	return t, true
}
