package redact_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/steptrace/steptrace/agent/redact"
)

func quote(s string) []byte {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return text
}

const planted = "hunter2-plant"

var secretKeys = []string{"password", "API_KEY", "accessToken", "Set-Cookie", "credentials"}

// value makes up a value with the plant in it, or without, and in JSON texts within strings.
func value(depth int, secret bool) *rapid.Generator[any] {
	return rapid.Custom(func(t *rapid.T) any {
		kind := rapid.IntRange(0, 5).Draw(t, "kind")
		if depth == 0 {
			kind %= 3
		}
		switch kind {
		case 0:
			if secret {
				return planted
			}
			return rapid.String().Draw(t, "text")
		case 1:
			number := rapid.StringMatching(`-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,5})?([eE][+-]?[0-9]{1,3})?`)
			return json.Number(number.Draw(t, "number"))
		case 2:
			return rapid.SampledFrom([]any{nil, true, false}).Draw(t, "constant")
		case 3:
			return rapid.SliceOfN(value(depth-1, secret), 0, 3).Draw(t, "list")
		case 4:
			return object(depth-1, secret).Draw(t, "object")
		}
		text, err := json.Marshal(object(depth-1, secret).Draw(t, "embedded"))
		require.NoError(t, err)
		return string(text)
	})
}

func object(depth int, secret bool) *rapid.Generator[map[string]any] {
	return rapid.Custom(func(t *rapid.T) map[string]any {
		members := make(map[string]any)
		for range rapid.IntRange(0, 4).Draw(t, "members") {
			if rapid.Bool().Draw(t, "secret") {
				members[rapid.SampledFrom(secretKeys).Draw(t, "key")] = value(depth, true).Draw(t, "value")
				continue
			}
			members[rapid.StringMatching(`[a-d]{1,2}`).Draw(t, "key")] = value(depth, secret).Draw(t, "value")
		}
		return members
	})
}

func TestNoPlantSurvives(t *testing.T) {
	r := redactor(t, redact.Rules{Defaults: true, Paths: []string{"$..aa", "$.b[0]"}})
	rapid.Check(t, func(t *rapid.T) {
		text, err := json.Marshal(object(4, false).Draw(t, "payload"))
		require.NoError(t, err)
		redacted := r.Text(string(text))
		require.True(t, json.Valid([]byte(redacted)), redacted)
		require.NotContains(t, redacted, planted)
		require.Equal(t, redacted, r.Text(redacted), "again")
	})
}

// TestOnlySecretsChange decodes both sides: outside of secret keys they are the same, in order and exact numbers.
func TestOnlySecretsChange(t *testing.T) {
	r := redactor(t, redact.Rules{Keys: secretKeys})
	rapid.Check(t, func(t *rapid.T) {
		text, err := json.Marshal(object(3, false).Draw(t, "payload"))
		require.NoError(t, err)
		require.Equal(t, tokens(t, string(text)), tokens(t, r.Text(string(text))))
	})
}

// tokens are the tokens of a JSON text, with one in place of a secret key's value or of a text that may hold one.
func tokens(t require.TestingT, text string) (all []json.Token) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	for {
		token, err := decoder.Token()
		if err != nil {
			return all
		}
		if s, ok := token.(string); ok && strings.ContainsAny(s, `{[":=`) {
			token = "text"
		}
		all = append(all, token)
		if key, ok := token.(string); ok && slices.Contains(secretKeys, key) {
			var skipped any
			require.NoError(t, decoder.Decode(&skipped))
			all = append(all, skipped == nil)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, seed := range []string{
		"", `{"password":"x"}`, `{"a":{"token":[1,2]},"body":"{\"secret\":1}"}`, `[{"Name":"TOKEN","Value":"x"}]`,
		"password=x&b=c", "Authorization: Bearer abc123456", `{"password":"x\"y`, "Cookie: a 'b", `"\"password=1\""`,
		"postgres://a:b@c", "token: {[x", `password='a\'b`, "{\"token\":\"\\ud800\"}", "-----BEGIN PRIVATE KEY-----",
	} {
		f.Add(seed)
	}
	r := redactor(f, redact.Rules{Defaults: true, Paths: []string{"$..card", "$.a[0]"}})
	f.Fuzz(func(t *testing.T, text string) {
		redacted := r.Text(text)
		if json.Valid([]byte(text)) {
			require.True(t, json.Valid([]byte(redacted)), redacted)
			requireNoSecret(t, redacted)
		}
		require.Equal(t, redacted, r.Text(redacted), "again")
	})
}

// requireNoSecret checks with another JSON decoder that below secret keys nothing is left.
func requireNoSecret(t *testing.T, text string) {
	var v any
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if decoder.Decode(&v) == nil {
		search(t, v)
	}
}

func search(t *testing.T, v any) {
	switch v := v.(type) {
	case []any:
		for _, element := range v {
			search(t, element)
		}
	case map[string]any:
		for key, member := range v {
			if slices.Contains([]string{"password", "Token", "SECRET", "card"}, key) && member != nil {
				require.Equal(t, redact.Replacement, member, key)
			}
			search(t, member)
		}
	case string:
		if json.Valid([]byte(v)) {
			requireNoSecret(t, v)
		}
	}
}

// FuzzKey plants a value under a secret key at any place of a payload, and looks for it in all of what comes out.
func FuzzKey(f *testing.F) {
	f.Add(`{"a":`, `}`, byte(0))
	f.Add(`[1,{"b":[`, `]}]`, byte(1))
	f.Add(`{"Name":"x","Value":`, `}`, byte(2))
	r := redactor(f, redact.Rules{Defaults: true})
	f.Fuzz(func(t *testing.T, before, after string, key byte) {
		inner := `{"` + secretKeys[int(key)%len(secretKeys)] + `":"` + planted + `"}`
		for range int(key) / len(secretKeys) % 4 {
			inner = `{"body":` + string(quote(inner)) + `}`
		}
		payload := before + inner + after
		if !json.Valid([]byte(payload)) || strings.Contains(before+after, planted) {
			return
		}
		require.NotContains(t, r.Text(payload), planted)
	})
}
