package convert

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"go.opentelemetry.io/otel/attribute"

	"github.com/steptrace/steptrace/spanid/semconv"
)

// Execution is what is known of an execution beside its history.
type Execution struct {
	ARN             string
	StateMachineARN string    // empty: derived from ARN
	MapRunARN       string    // of the Map Run whose child it is; else empty
	Started         time.Time // zero: the time of the first event
}

// identity is what the ARNs of an execution say.
type identity struct {
	arn.ARN
	execution    string // the execution's name
	stateMachine string // the state machine's name
	machineARN   string
}

// identify takes an execution's ARN apart: arn:PARTITION:states:REGION:ACCOUNT:execution:MACHINE:NAME, with express
// instead of execution and a further id for Express workflows, and MACHINE/LABEL for the children of a Map Run. Of what
// is no such ARN the whole text is the name.
func identify(e Execution) identity {
	id := identity{execution: e.ARN, stateMachine: "unknown", machineARN: e.StateMachineARN}
	if parsed, err := arn.Parse(e.ARN); err == nil {
		id.ARN = parsed
	}
	parts := strings.SplitN(id.Resource, ":", 3)
	if len(parts) < 3 {
		return id
	}
	id.stateMachine, id.execution = parts[1], parts[2]
	if id.machineARN == "" {
		machine, _, _ := strings.Cut(parts[1], "/")
		id.machineARN = arn.ARN{
			Partition: id.Partition, Service: "states", Region: id.Region, AccountID: id.AccountID,
			Resource: "stateMachine:" + machine,
		}.String()
	}
	return id
}

// Resource is what the telemetry of an execution says about its source: the attributes of an OpenTelemetry resource.
func Resource(e Execution) []attribute.KeyValue {
	id := identify(e)
	return append(cloud(id.Region, id.AccountID),
		attribute.String(semconv.ServiceName, id.stateMachine),
		attribute.String(semconv.CloudPlatform, "aws_step_functions"),
		attribute.String(semconv.StateMachineARN, id.machineARN),
		attribute.String(semconv.StateMachineName, id.stateMachine),
	)
}

// ServiceResource is the resource of a span that has a Service of its own.
func ServiceResource(e Execution, service string) []attribute.KeyValue {
	id := identify(e)
	return append(cloud(id.Region, id.AccountID), attribute.String(semconv.ServiceName, service))
}

func cloud(region, account string) []attribute.KeyValue {
	attrs := []attribute.KeyValue{attribute.String(semconv.CloudProvider, "aws")}
	if region != "" {
		attrs = append(attrs, attribute.String(semconv.CloudRegion, region))
	}
	if account != "" {
		attrs = append(attrs, attribute.String(semconv.CloudAccountID, account))
	}
	return attrs
}
