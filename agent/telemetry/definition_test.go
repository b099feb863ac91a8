package telemetry_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/steptrace/steptrace/agent/telemetry"
)

func TestAppendDefinition(t *testing.T) {
	const text = `{"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": {"password": "kept"}, "End": true}}}`
	logs := plog.NewLogs()
	telemetry.AppendDefinition(logs, &telemetry.Definition{
		Execution: execution, Text: text, Revision: "7", Type: "STANDARD", Since: at,
	}, at.Add(time.Hour))
	telemetry.AppendDefinition(logs, &telemetry.Definition{Execution: execution, Text: "{}", Since: at}, at.Add(time.Hour))
	got, err := (&plog.JSONMarshaler{}).MarshalLogs(logs)
	require.NoError(t, err)
	resource := `"resource":{"attributes":[
		{"key":"cloud.provider","value":{"stringValue":"aws"}},
		{"key":"cloud.region","value":{"stringValue":"eu-west-1"}},
		{"key":"cloud.account.id","value":{"stringValue":"123456789012"}},
		{"key":"service.name","value":{"stringValue":"m"}},
		{"key":"cloud.platform","value":{"stringValue":"aws_step_functions"}},
		{"key":"aws.step_functions.state_machine.arn",
		 "value":{"stringValue":"arn:aws:states:eu-west-1:123456789012:stateMachine:m"}},
		{"key":"aws.step_functions.state_machine.name","value":{"stringValue":"m"}}]}`
	record := `"eventName":"StateMachineDefined","timeUnixNano":"1763884800123000000",
		"observedTimeUnixNano":"1763888400123000000","severityNumber":9,"severityText":"INFO"`
	require.JSONEq(t, `{"resourceLogs":[
		{`+resource+`,"scopeLogs":[{"scope":{"name":"github.com/steptrace/steptrace/agent"},"logRecords":[{`+record+`,
			"attributes":[
				{"key":"aws.step_functions.state_machine.revision_id","value":{"stringValue":"7"}},
				{"key":"aws.step_functions.state_machine.type","value":{"stringValue":"STANDARD"}}],
			"body":{"stringValue":"{\"StartAt\": \"A\", \"States\": {\"A\": {\"Type\": \"Pass\", \"Result\": {\"password\": \"kept\"}, \"End\": true}}}"}}]}]},
		{`+resource+`,"scopeLogs":[{"scope":{"name":"github.com/steptrace/steptrace/agent"},"logRecords":[{`+record+`,
			"body":{"stringValue":"{}"}}]}]}
	]}`, string(got))
}
