package convert

import (
	"encoding/json"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"github.com/steptrace/steptrace/spanid"
)

// fingerprint is empty for a payload that is absent or was cut off on the way, and so is no JSON.
func fingerprint(payload string) string {
	if payload == "" {
		return ""
	}
	f, err := spanid.Fingerprint([]byte(payload))
	if err != nil {
		return ""
	}
	return f
}

// functionARN completes what lambda:invoke accepts for a function: its name, name:qualifier,
// ACCOUNT:function:NAME[:QUALIFIER] or an ARN.
func functionARN(function, qualifier, region string, id *identity) string {
	full := function
	if !arn.IsARN(function) {
		account, name, partial := strings.Cut(function, ":function:")
		if !partial {
			account, name = id.AccountID, function
		}
		if region == "" {
			region = id.Region
		}
		full = arn.ARN{
			Partition: id.Partition, Service: "lambda", Region: region, AccountID: account, Resource: "function:" + name,
		}.String()
	}
	if qualifier != "" && strings.Count(full, ":") < 7 {
		full += ":" + qualifier
	}
	return full
}

func functionName(functionARN string) string {
	parsed, err := arn.Parse(functionARN)
	if err != nil {
		return functionARN
	}
	name := strings.TrimPrefix(parsed.Resource, "function:")
	name, _, _ = strings.Cut(name, ":")
	return name
}

var requestIDInText = regexp.MustCompile(`Request ID: ([0-9A-Za-z-]{8,64})`)

// requestIDOfCause reads the two ways in which causes tell it: a function's error as JSON, and the SDK's message.
func requestIDOfCause(cause string) string {
	if strings.HasPrefix(cause, "{") {
		var function struct {
			RequestID string `json:"requestId"`
		}
		_ = json.Unmarshal([]byte(cause), &function) // not a function's error: none
		return function.RequestID
	}
	if m := requestIDInText.FindStringSubmatch(cause); m != nil {
		return m[1]
	}
	return ""
}
