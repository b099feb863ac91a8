package convert

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tidwall/gjson"
	"go.opentelemetry.io/otel/attribute"

	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// resource is what an attempt calls, from its Scheduled event.
type resource struct {
	kind        string // lambda, dynamodb, aws-sdk:s3, states, activity, …
	name        string // invoke, putItem, startExecution.sync:2, or an ARN
	region      string
	parameters  string // JSON
	functionARN string // of an attempt that invokes a Lambda function, qualified as the task named it
	function    string // its name
	payload     string // JSON: what the function receives
}

func (c *Converter) resource(e *history.Event) resource {
	d := &e.Details
	switch e.Type {
	case "LambdaFunctionScheduled":
		return resource{
			kind: "lambda", name: d.Resource, functionARN: d.Resource, function: functionName(d.Resource), payload: d.Input,
		}
	case "ActivityScheduled":
		return resource{kind: "activity", name: d.Resource}
	}
	r := resource{kind: d.ResourceType, name: d.Resource, region: d.Region, parameters: d.Parameters}
	if service, action, ok := strings.Cut(r.name, ":"); r.kind == "aws-sdk" && ok { // as some emulators write it
		r.kind, r.name = "aws-sdk:"+service, action
	}
	if r.service() == "lambda" && r.action() == "invoke" {
		r.readFunction(&c.identity)
	}
	return r
}

func (r *resource) readFunction(id *identity) {
	function := gjson.Get(r.parameters, "FunctionName")
	if function.Type != gjson.String || function.Str == "" {
		return
	}
	qualifier := gjson.Get(r.parameters, "Qualifier")
	r.functionARN = functionARN(strings.Clone(function.Str), qualifier.Str, r.region, id)
	r.function = functionName(r.functionARN)
	r.payload = gjson.Get(r.parameters, "Payload").Raw
}

// service is the integration's name without the prefix of SDK integrations.
func (r *resource) service() string { return strings.TrimPrefix(r.kind, "aws-sdk:") }

// action is the API action without the integration pattern (.sync, .waitForTaskToken).
func (r *resource) action() string {
	action, _, _ := strings.Cut(r.name, ".")
	return action
}

// integrationPattern is empty for a function or an activity that the state names itself.
func (r *resource) integrationPattern() string {
	_, suffix, _ := strings.Cut(r.name, ".")
	switch {
	case r.kind == "activity" || strings.HasPrefix(r.name, "arn:") || r.name == "":
		return ""
	case strings.HasPrefix(suffix, "sync"):
		return "sync"
	case suffix == "waitForTaskToken":
		return "wait_for_task_token"
	}
	return "request_response"
}

// method is the API action's name in the API: PutItem of putItem.
func (r *resource) method() string {
	first, size := utf8.DecodeRuneInString(r.action())
	return string(unicode.ToUpper(first)) + r.action()[size:]
}

// spanName is the call and, for functions and activities, whom: few values per state machine.
func (r *resource) spanName() string {
	switch {
	case r.function != "":
		return "lambda invoke " + r.function
	case r.kind == "activity":
		return "activity " + r.name[strings.LastIndexByte(r.name, ':')+1:]
	case r.kind == "" && r.name == "":
		return "task"
	}
	return strings.TrimSpace(r.service() + " " + r.name)
}

// describe says on the attempt's span what it calls.
func (c *Converter) describe(n *node, r *resource) {
	n.putText(semconv.ResourceType, r.kind)
	n.putText(semconv.Resource, r.name)
	n.putText(semconv.CloudRegion, r.region)
	n.putText(semconv.IntegrationPattern, r.integrationPattern())
	if r.kind == "activity" {
		n.putText(semconv.ActivityARN, r.name)
	}
	if r.functionARN != "" {
		n.putText(semconv.LambdaInvokedARN, r.functionARN)
		n.putText(semconv.FaaSInvokedName, r.function)
		if !c.payloads.noFingerprints {
			n.putText(semconv.PayloadFingerprint, fingerprint(r.payload))
		}
	}
	if r.integrationPattern() != "" {
		c.describeCall(n, r)
	}
}

// describeCall says which API is called, on which resources.
func (c *Converter) describeCall(n *node, r *resource) {
	s := services[r.service()]
	if s == nil {
		s = unknown
	}
	n.called.service, n.called.token = s, r.integrationPattern() == "wait_for_task_token"
	if rpc := s.rpc; rpc != "" || s == unknown {
		if rpc == "" {
			rpc = r.service()
		}
		n.set(attribute.String(semconv.RPCSystem, "aws-api"))
		n.putText(semconv.RPCService, rpc)
		n.putText(semconv.RPCMethod, r.method())
	}
	n.set(s.constants...)
	s.read(s.sent, &call{node: n, identity: &c.identity, region: r.region}, r.parameters)
}

// receive takes names and ids from what came back.
func (c *Converter) receive(n *node, e *history.Event) {
	if s := n.called.service; s != nil && e.Details.Output != "" {
		s.read(append([]field{requestIDs}, s.received...), &call{node: n, identity: &c.identity}, e.Details.Output)
	}
}
