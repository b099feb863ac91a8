package stepfunctions

import (
	"errors"

	"github.com/steptrace/steptrace/agent/awsapi"
)

func remedy(_ string, err error) string {
	if IsGone(err) {
		return "; it was deleted, or is not to be seen yet"
	}
	return ""
}

// errMalformed marks an answer that is not what the API documents.
var errMalformed = errors.New("the answer of Step Functions is not understood")

// ConcernsOne is true when other calls can succeed: Step Functions refuses what this one asked for, or its answer is
// malformed.
func ConcernsOne(err error) bool { return errors.Is(err, errMalformed) || awsapi.IsRefused(err) }

// IsGone is true for the error about an execution or state machine that no longer exists.
func IsGone(err error) bool {
	return awsapi.HasCode(err, "ExecutionDoesNotExist", "StateMachineDoesNotExist", "StateMachineDeleting")
}

// IsMissing is true for the error about another resource that does not exist, or is not to be seen yet.
func IsMissing(err error) bool { return awsapi.HasCode(err, "ResourceNotFound") }

// IsExpress is true for the error about executions that cannot be listed.
func IsExpress(err error) bool { return awsapi.HasCode(err, "StateMachineTypeNotSupported") }
