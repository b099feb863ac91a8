package stepfunctionsreceiver

import "github.com/steptrace/steptrace/collector/payloads"

// PayloadsConfig says what of the payloads of executions leaves the receiver.
type PayloadsConfig = payloads.Config

// RedactConfig are the rules of package redact.
type RedactConfig = payloads.RedactConfig
