package cloudwatchlogs

import "github.com/steptrace/steptrace/agent/awsapi"

func remedy(operation string, err error) string {
	switch {
	case awsapi.HasCode(err, "ResourceNotFoundException"):
		return "; create the log group, or take it out of log_groups"
	case awsapi.IsDenied(err):
		return "; allow logs:" + operation + " on it to the receiver's AWS identity"
	}
	return ""
}

// IsExpired is true for the error about a page's token that is not taken any more.
func IsExpired(err error) bool { return awsapi.HasCode(err, "InvalidParameterException") }
