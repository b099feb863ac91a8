package redact_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/steptrace/steptrace/agent/history"
	"github.com/steptrace/steptrace/agent/redact"
)

func details() history.Details {
	return history.Details{
		Name: "Pay", Resource: "invoke", Error: "Denied", Input: `{"password":"abcdef","n":1}`, Output: "äöü",
		Parameters: `{"a":1}`, Cause: "password=abcdef",
		Rest: []history.Member{
			{Name: "assignedVariables", Value: json.RawMessage(`{"n":"1","token":"\"abcdef\"","user":"{\"password\":\"abcdef\"}"}`)},
			{Name: "inputDetails", Value: json.RawMessage(`{"truncated":false}`)},
			{Name: "taskCredentials", Value: json.RawMessage(`{"roleArn":"arn:aws:iam::1:role/r"}`)},
		},
	}
}

func TestPolicies(t *testing.T) {
	const kept = `"inputDetails":{"truncated":false},"taskCredentials":{"roleArn":"arn:aws:iam::1:role/r"}}`
	r := redactor(t, redact.Rules{Defaults: true})
	for name, c := range map[string]struct {
		policy redact.Policy
		want   string
	}{
		"all": {
			redact.Policy{}, `{"name":"Pay","resource":"invoke","parameters":"{\"a\":1}",` +
				`"input":"{\"password\":\"abcdef\",\"n\":1}","output":"äöü","error":"Denied","cause":"password=abcdef","assignedVariables":{"n":"1",` +
				`"token":"\"abcdef\"","user":"{\"password\":\"abcdef\"}"},` + kept,
		},
		"off": {redact.Policy{Off: true, Redactor: r}, `{"name":"Pay","resource":"invoke","error":"Denied",` + kept},
		"redacted": {
			redact.Policy{Redactor: r}, `{"name":"Pay","resource":"invoke","parameters":"{\"a\":1}",` +
				`"input":"{\"password\":\"[REDACTED]\",\"n\":1}","output":"äöü","error":"Denied","cause":"password=[REDACTED]",` +
				`"assignedVariables":{"n":"1","token":"[REDACTED]","user":"{\"password\":\"[REDACTED]\"}"},` + kept,
		},
		"capped": {
			redact.Policy{MaxBytes: 5, Redactor: r}, `{"name":"Pay","resource":"invoke","parameters":"{\"a\":…[2 bytes cut]",` +
				`"input":"{\"pas…[26 bytes cut]","output":"äö…[2 bytes cut]","error":"Denied","cause":"passw…[14 bytes cut]",` +
				`"assignedVariables":"{\"n\":…[64 bytes cut]",` + kept,
		},
		"cut to nothing": {redact.Policy{MaxBytes: 1}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			before := details()
			exposed := c.policy.Expose(before)
			if c.want != "" {
				require.Equal(t, c.want, exposed.JSON())
			}
			require.Equal(t, details(), before, "the given details stay as they are")
		})
	}
}

func TestCutTextsStayWithinTheLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, most := rapid.String().Draw(t, "text"), rapid.IntRange(1, 40).Draw(t, "most")
		d := redact.Policy{MaxBytes: most}.Expose(history.Details{Input: text})
		if len(text) <= most {
			require.Equal(t, text, d.Input)
			return
		}
		start, note, found := strings.Cut(d.Input, "…[")
		require.True(t, found)
		require.LessOrEqual(t, len(start), most)
		require.True(t, strings.HasPrefix(text, start) && utf8.ValidString(start))
		require.Greater(t, len(start)+utf8.UTFMax, most)
		require.Contains(t, note, " bytes cut]")
	})
}
