package stepfunctions

import (
	"strings"

	"github.com/steptrace/steptrace/sandbox/awswire"
)

// Levels of logging.
const (
	logAll   = "ALL"
	logError = "ERROR"
	logFatal = "FATAL"
	logOff   = "OFF"
)

// checkLogging tells whether lines can be written as a configuration says. Where there are log groups, AWS's try-out
// line is written, too.
func (s *Service) checkLogging(c *loggingConfiguration) error {
	if s.config.Logs == nil || c == nil || c.Level == "" || c.Level == logOff {
		return nil
	}
	if len(c.Destinations) != 1 {
		return invalidLogging("Must specify exactly one Log Destination.")
	}
	arn := c.group()
	if !strings.HasPrefix(arn, "arn:") || !strings.HasSuffix(arn, ":*") {
		return invalidLogging("Log Destination must be the ARN of a CloudWatch Logs log group, which ends with :*.")
	}
	if err := s.config.Logs.Validate(arn); err != nil {
		return invalidLogging("Log Destination not found.")
	}
	return nil
}

func invalidLogging(reason string) error {
	return awswire.Errorf("InvalidLoggingConfiguration", "Invalid Logging Configuration: %s", reason)
}

// group is the ARN of the log group; empty without one.
func (c loggingConfiguration) group() string {
	if len(c.Destinations) == 0 {
		return ""
	}
	return c.Destinations[0].CloudWatchLogsLogGroup.LogGroupARN
}

// logs tells whether an event of that type is logged.
// Source: https://docs.aws.amazon.com/step-functions/latest/dg/cloudwatch-log-level.html
func (c loggingConfiguration) logs(eventType string) bool {
	failure := strings.HasSuffix(eventType, "Failed") || strings.HasSuffix(eventType, "Aborted") ||
		strings.HasSuffix(eventType, "TimedOut")
	switch c.Level {
	case logAll:
		return true
	case logError:
		return failure || eventType == "FailStateEntered"
	case logFatal:
		return failure && strings.HasPrefix(eventType, "Execution")
	}
	return false
}
