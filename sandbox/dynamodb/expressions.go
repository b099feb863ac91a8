package dynamodb

import (
	"encoding/json"
	"regexp"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

var valueNames = regexp.MustCompile(`:[A-Za-z0-9_]+`)

// checkValues refuses expressions with values that are not given: the library takes them for nothing.
func checkValues(in []byte) error {
	var request struct {
		UpdateExpression, ConditionExpression, FilterExpression, KeyConditionExpression string

		ExpressionAttributeValues map[string]json.RawMessage
	}
	if err := json.Unmarshal(in, &request); err != nil {
		return awswire.Errorf("SerializationException", "%v", err)
	}
	for _, expression := range []struct{ kind, text string }{
		{"UpdateExpression", request.UpdateExpression},
		{"ConditionExpression", request.ConditionExpression},
		{"FilterExpression", request.FilterExpression},
		{"KeyConditionExpression", request.KeyConditionExpression},
	} {
		for _, name := range valueNames.FindAllString(expression.text, -1) {
			if _, given := request.ExpressionAttributeValues[name]; !given {
				return awswire.Errorf("ValidationException", "Invalid %s: An expression attribute value used in expression "+
					"is not defined; attribute value: %s", expression.kind, name)
			}
		}
	}
	return nil
}
