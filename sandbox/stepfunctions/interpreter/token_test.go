package interpreter

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestTokens(t *testing.T) {
	here := &Interpreter{Region: "eu-west-1", AccountID: "123456789012", NewUUID: uuid.NewString}
	want := TaskToken{ExecutionARN: "arn:execution", ActivityARN: "arn:activity"}
	token := here.newToken(want)
	got, ok := here.ReadToken(token)
	require.True(t, ok)
	require.Equal(t, want, got)
	require.NotEqual(t, token, here.newToken(want))
	for _, elsewhere := range []*Interpreter{
		{Region: "us-east-1", AccountID: "123456789012"}, {Region: "eu-west-1", AccountID: "999999999999"},
	} {
		_, ok = elsewhere.ReadToken(token)
		require.False(t, ok)
	}
}

// FuzzReadToken reads any text as a token: only those that were issued are ones.
func FuzzReadToken(f *testing.F) {
	i := &Interpreter{NewUUID: func() string { return "00000000-0000-0000-0000-000000000000" }}
	issued := i.newToken(TaskToken{ExecutionARN: "arn:x"})
	f.Add(issued)
	f.Add(issued[:len(issued)-4])
	f.Add("AAAA" + issued[4:])
	f.Add(issued + "\n")
	f.Add("not-a-task-token")
	f.Fuzz(func(t *testing.T, text string) {
		token, ok := i.ReadToken(text)
		if ok != (text == issued) || ok != (token.ExecutionARN == "arn:x") {
			t.Errorf("%q: %v %+v", text, ok, token)
		}
	})
}
