package stepfunctions

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// maxName is the length of a name in characters.
const maxName = 80

// arnPattern matches the ARNs of state machines, their versions, executions, activities and Map Runs. A state machine's
// name may be MACHINE/LABEL.
var arnPattern = regexp.MustCompile(
	`^arn:aws[a-z-]*:states:[a-z0-9-]+:[0-9]{12}:(stateMachine|execution|activity|mapRun):[^:]{1,121}(:[^:]{1,80})?$`)

func (s *Service) machineARN(name string) string {
	return fmt.Sprintf("arn:aws:states:%s:%s:stateMachine:%s", s.config.Region, s.config.AccountID, name)
}

func (s *Service) activityARN(name string) string {
	return fmt.Sprintf("arn:aws:states:%s:%s:activity:%s", s.config.Region, s.config.AccountID, name)
}

func (s *Service) executionARN(machine, name string) string {
	return fmt.Sprintf("arn:aws:states:%s:%s:execution:%s:%s", s.config.Region, s.config.AccountID, machine, name)
}

// splitVersion separates the version of a state machine version's ARN.
func splitVersion(arn string) (machine, version string) {
	parts := strings.Split(arn, ":")
	if len(parts) != 8 {
		return arn, ""
	}
	return strings.Join(parts[:7], ":"), parts[7]
}

// checkARN tells whether text is an ARN of that kind ("stateMachine" or "execution").
func checkARN(text, kind string) error {
	match := arnPattern.FindStringSubmatch(text)
	if match == nil || match[1] != kind {
		if isExpress(text) {
			text = "express"
		}
		return awswire.Errorf("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: %s'", text)
	}
	return nil
}

// checkName tells whether text is a name as state machines and executions have them.
// Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
func checkName(text string) error {
	length := utf8.RuneCountInString(text)
	bad := strings.IndexFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || r == utf8.RuneError || r > 0xFFFF ||
			strings.ContainsRune(`<>{}[]?*"#%\^|~`+"`"+`$&,;:/`, r)
	})
	if length == 0 || length > maxName || bad >= 0 {
		return awswire.Errorf("InvalidName", "Invalid Name: '%s'", text)
	}
	return nil
}

func required(name, value string) error {
	if value == "" {
		return awswire.Errorf("ValidationException",
			"1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must not be null", name)
	}
	return nil
}
