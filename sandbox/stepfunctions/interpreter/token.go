package interpreter

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// tokenMAC is how many bytes of a token prove that it was issued here.
const tokenMAC = 16

// TaskToken is what a task token says.
type TaskToken struct {
	ExecutionARN string
	ActivityARN  string // empty unless the task is of an activity
}

// newToken is a token for one attempt of a task. It says by itself what it is for, so that tokens of tasks that have
// ended need not be kept to be told from what never was one.
func (i *Interpreter) newToken(t TaskToken) string {
	text := i.NewUUID() + "\n" + t.ExecutionARN + "\n" + t.ActivityARN
	return base64.StdEncoding.EncodeToString(append(i.tokenMAC(text), text...))
}

// ReadToken tells what a token is for; false when it was not issued in this region of this account.
func (i *Interpreter) ReadToken(token string) (TaskToken, bool) {
	raw, err := base64.StdEncoding.DecodeString(token)
	if err != nil || len(raw) < tokenMAC || base64.StdEncoding.EncodeToString(raw) != token {
		return TaskToken{}, false
	}
	text := string(raw[tokenMAC:])
	parts := strings.Split(text, "\n")
	if !hmac.Equal(raw[:tokenMAC], i.tokenMAC(text)) || len(parts) != 3 {
		return TaskToken{}, false
	}
	return TaskToken{ExecutionARN: parts[1], ActivityARN: parts[2]}, true
}

func (i *Interpreter) tokenMAC(text string) []byte {
	mac := hmac.New(sha256.New, []byte("task token of "+i.Region+" "+i.AccountID))
	_, _ = mac.Write([]byte(text)) // a hash takes everything
	return mac.Sum(nil)[:tokenMAC]
}
