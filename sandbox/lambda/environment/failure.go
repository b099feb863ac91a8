package environment

import (
	"encoding/json"
	"errors"
)

// Error types of AWS Lambda.
const (
	TypeTimeout           = "Sandbox.Timedout"
	TypeRuntimeExit       = "Runtime.ExitError"
	TypeInvalidEntrypoint = "Runtime.InvalidEntrypoint"
	TypeResponseTooLarge  = "Function.ResponseSizeTooLarge"
	TypeUnknown           = "Runtime.Unknown"
	TypeExtensionCrash    = "Extension.Crash"
	TypeExtensionInit     = "Extension.InitError"
	TypeExtensionExit     = "Extension.ExitError"
	TypeExtensionLaunch   = "Extension.LaunchError"
)

// Failure is the end of an environment, by the function's own fault.
type Failure struct {
	Type    string // errorType, as callers see it
	Message string // without the request id
	Payload []byte // what the function reported itself, JSON; nil when AWS would speak for it
}

func (f *Failure) Error() string { return f.Type + ": " + f.Message }

// Body is the payload a caller gets.
func (f *Failure) Body(requestID string) []byte {
	if f.Payload != nil {
		return f.Payload
	}
	body, _ := json.Marshal(struct {
		Type    string `json:"errorType"`
		Message string `json:"errorMessage"`
	}{f.Type, "RequestId: " + requestID + " Error: " + f.Message}) // two strings always marshal
	return body
}

// reasonOf is the shutdownReason of an environment that ends by err.
func reasonOf(err error) Reason {
	var f *Failure
	if errors.As(err, &f) && f.Type == TypeTimeout {
		return ReasonTimeout
	}
	return ReasonFailure
}
