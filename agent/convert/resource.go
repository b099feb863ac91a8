package convert

import (
	"encoding/json"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"go.opentelemetry.io/otel/attribute"

	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/spanid"
	"github.com/steptrace/steptrace/spanid/semconv"
)

// resource is what an attempt calls, from its Scheduled event.
type resource struct {
	kind        string // lambda, dynamodb, aws-sdk:s3, states, activity, …
	name        string // invoke, putItem, startExecution.sync:2, or an ARN
	region      string
	functionARN string // of an attempt that invokes a Lambda function, qualified as the task named it
	payload     string // JSON: what the function or activity receives
	parameters  parameters
}

// parameters are those members of TaskScheduled.parameters that attributes are made from.
type parameters struct {
	FunctionName string
	Qualifier    string
	Payload      json.RawMessage
	TableName    string
	Bucket       string
	Key          json.RawMessage // S3's object key is text, DynamoDB's item key an object
}

func resourceOf(e *history.Event, id identity) resource {
	d := &e.Details
	switch e.Type {
	case "LambdaFunctionScheduled":
		return resource{kind: "lambda", name: d.Resource, functionARN: d.Resource, payload: d.Input}
	case "ActivityScheduled":
		return resource{kind: "activity", name: d.Resource, payload: d.Input}
	}
	r := resource{kind: d.ResourceType, name: d.Resource, region: d.Region}
	r.parameters.read(d.Parameters)
	if r.invokesLambda() {
		r.functionARN = functionARN(r.parameters.FunctionName, r.parameters.Qualifier, d.Region, id)
		r.payload = string(r.parameters.Payload)
	}
	return r
}

// read takes what it can: a member of another type than expected is left out, and so is text that is not JSON.
func (p *parameters) read(text string) {
	var members map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &members) != nil {
		return
	}
	for name, to := range map[string]*string{
		"FunctionName": &p.FunctionName, "Qualifier": &p.Qualifier, "TableName": &p.TableName, "Bucket": &p.Bucket,
	} {
		_ = json.Unmarshal(members[name], to) // another type leaves it empty
	}
	p.Payload, p.Key = members["Payload"], members["Key"]
}

// service is the integration's name without the prefix of SDK integrations.
func (r *resource) service() string { return strings.TrimPrefix(r.kind, "aws-sdk:") }

// action is the API action without the integration pattern (.sync, .waitForTaskToken).
func (r *resource) action() string {
	action, _, _ := strings.Cut(r.name, ".")
	return action
}

func (r *resource) invokesLambda() bool {
	return r.service() == "lambda" && r.action() == "invoke" && r.parameters.FunctionName != ""
}

// spanName is the call and, for functions and activities, whom: few values per state machine.
func (r *resource) spanName() string {
	switch {
	case r.functionARN != "":
		return "lambda invoke " + functionName(r.functionARN)
	case r.kind == "activity":
		return "activity " + r.name[strings.LastIndexByte(r.name, ':')+1:]
	case r.kind == "" && r.name == "":
		return "task"
	}
	return strings.TrimSpace(r.service() + " " + r.name)
}

func (r *resource) attributes() []attribute.KeyValue {
	var attrs []attribute.KeyValue
	text := func(key, value string) {
		if value != "" {
			attrs = append(attrs, attribute.String(key, value))
		}
	}
	text(semconv.ResourceType, r.kind)
	text(semconv.Resource, r.name)
	text(semconv.CloudRegion, r.region)
	text(semconv.LambdaInvokedARN, r.functionARN)
	if r.functionARN != "" {
		text(semconv.FaaSInvokedName, functionName(r.functionARN))
		text(semconv.PayloadFingerprint, fingerprint(r.payload))
	}
	switch r.service() {
	case "dynamodb":
		if r.parameters.TableName != "" {
			text(semconv.DBSystem, "aws.dynamodb")
			attrs = append(attrs, attribute.StringSlice(semconv.DynamoDBTables, []string{r.parameters.TableName}))
		}
	case "s3":
		var key string
		_ = json.Unmarshal(r.parameters.Key, &key) // not text: no object key
		text(semconv.S3Bucket, r.parameters.Bucket)
		text(semconv.S3Key, key)
	}
	return attrs
}

// fingerprint is empty for a payload that is absent or was cut off on the way, and so is no JSON.
func fingerprint(payload string) string {
	if payload == "" {
		return ""
	}
	f, err := spanid.Fingerprint([]byte(payload))
	if err != nil {
		return ""
	}
	return f
}

// functionARN completes what lambda:invoke accepts for a function: its name, name:qualifier,
// ACCOUNT:function:NAME[:QUALIFIER] or an ARN.
func functionARN(function, qualifier, region string, id identity) string {
	full := function
	if !arn.IsARN(function) {
		account, name, partial := strings.Cut(function, ":function:")
		if !partial {
			account, name = id.AccountID, function
		}
		if region == "" {
			region = id.Region
		}
		full = arn.ARN{
			Partition: id.Partition, Service: "lambda", Region: region, AccountID: account, Resource: "function:" + name,
		}.String()
	}
	if qualifier != "" && strings.Count(full, ":") < 7 {
		full += ":" + qualifier
	}
	return full
}

func functionName(functionARN string) string {
	parsed, err := arn.Parse(functionARN)
	if err != nil {
		return functionARN
	}
	name := strings.TrimPrefix(parsed.Resource, "function:")
	name, _, _ = strings.Cut(name, ":")
	return name
}

func requestIDOfOutput(output string) string {
	if !strings.Contains(output, "RequestId") {
		return ""
	}
	var response struct {
		SdkResponseMetadata struct {
			RequestID string `json:"RequestId"`
		}
	}
	if json.Unmarshal([]byte(output), &response) != nil {
		return ""
	}
	return response.SdkResponseMetadata.RequestID
}

var requestIDInText = regexp.MustCompile(`Request ID: ([0-9A-Za-z-]{8,64})`)

// requestIDOfCause reads the two ways in which causes tell it: a function's error as JSON, and the SDK's message.
func requestIDOfCause(cause string) string {
	if strings.HasPrefix(cause, "{") {
		var function struct {
			RequestID string `json:"requestId"`
		}
		_ = json.Unmarshal([]byte(cause), &function) // not a function's error: none
		return function.RequestID
	}
	if m := requestIDInText.FindStringSubmatch(cause); m != nil {
		return m[1]
	}
	return ""
}
