package imageworkflow_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	imageworkflow "github.com/steptrace/steptrace/image-workflow"
	"github.com/steptrace/steptrace/sandbox/stepfunctions/asl"
)

const (
	metadataARN    = "arn:aws:lambda:eu-west-1:123456789012:function:metadata"
	rekognitionARN = "arn:aws:lambda:eu-west-1:123456789012:function:rekognition:live"
)

func TestDefinitionIsTheReferenceWorkflow(t *testing.T) {
	text, err := imageworkflow.Definition(metadataARN, rekognitionARN)
	require.NoError(t, err)
	require.JSONEq(t, `{
		"Comment": "Transcode images using AWS Step functions.",
		"StartAt": "Parallel",
		"States": {"Parallel": {"Type": "Parallel", "End": true, "Branches": [
			{"StartAt": "Lambda-Image metadata", "States": {
				"Lambda-Image metadata": {"Type": "Task", "Resource": "`+metadataARN+`", "End": true}
			}},
			{"StartAt": "Wait 10s", "States": {
				"Wait 10s": {"Type": "Wait", "Seconds": 10, "Next": "Lambda-Rekognition"},
				"Lambda-Rekognition": {"Type": "Task", "Resource": "`+rekognitionARN+`", "End": true}
			}}
		]}}
	}`, text)
}

func TestDefinitionIsValid(t *testing.T) {
	text, err := imageworkflow.Definition(metadataARN, rekognitionARN)
	require.NoError(t, err)
	_, err = asl.Parse([]byte(text))
	require.NoError(t, err)
}

func TestARNsAreQuoted(t *testing.T) {
	hostile := `x","End":false,"a":"\`
	text, err := imageworkflow.Definition(hostile, "${MetadataFunctionArn}")
	require.NoError(t, err)
	var machine struct {
		States map[string]struct {
			Branches []struct {
				States map[string]struct{ Resource string }
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(text), &machine))
	branches := machine.States["Parallel"].Branches
	require.Equal(t, hostile, branches[0].States["Lambda-Image metadata"].Resource)
	require.Equal(t, "${MetadataFunctionArn}", branches[1].States["Lambda-Rekognition"].Resource)
}

func TestDefinitionNeedsBothARNs(t *testing.T) {
	for _, arns := range [][2]string{{"", rekognitionARN}, {metadataARN, ""}} {
		_, err := imageworkflow.Definition(arns[0], arns[1])
		require.ErrorContains(t, err, "needs the ARNs of both functions")
	}
}
