package interpreter

import "strings"

// pattern is how a task goes on after the service has answered.
// Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html
type pattern int

const (
	requestResponse  pattern = iota // it has ended
	runJob                          // .sync: when the started execution ends, or a caller says so
	runJobJSON                      // .sync:2: the same, with the execution's input and output as JSON
	waitForTaskToken                // when a caller says so
)

// cutPattern separates the pattern from the name of an integration.
func cutPattern(name string) (string, pattern) {
	for _, p := range []struct {
		suffix  string
		pattern pattern
	}{{".sync:2", runJobJSON}, {".sync", runJob}, {".waitForTaskToken", waitForTaskToken}} {
		if rest, ok := strings.CutSuffix(name, p.suffix); ok {
			return rest, p.pattern
		}
	}
	return name, requestResponse
}

// of tells whether an integration has the pattern. Every SDK integration can wait for a token.
func (p pattern) of(service, action string) bool {
	switch p {
	case runJob, runJobJSON:
		return service == "states" && action == "startExecution"
	case waitForTaskToken:
		return service != "dynamodb"
	default:
		return true
	}
}
