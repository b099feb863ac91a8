package redact_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/agent/redact"
)

func redactor(t testing.TB, rules redact.Rules) *redact.Redactor {
	t.Helper()
	r, err := redact.New(rules)
	require.NoError(t, err)
	return r
}

func TestJSON(t *testing.T) {
	cases := []struct{ name, in, want string }{
		{"a key", `{"password":"x"}`, `{"password":"[REDACTED]"}`},
		{
			"all else to the byte",
			"{ \"n\" : 1.0e+2, \"z\":9007199254740993,\n\t\"password\" : \"x\" , \"a\":\"\\u00e4\\/\" }\n",
			"{ \"n\" : 1.0e+2, \"z\":9007199254740993,\n\t\"password\" : \"[REDACTED]\" , \"a\":\"\\u00e4\\/\" }\n",
		},
		{"a number", `{"pwd":1234}`, `{"pwd":"[REDACTED]"}`},
		{"a number at the end of a list", `[{"pwd":1234 }, 5]`, `[{"pwd":"[REDACTED]" }, 5]`},
		{"nothing", `{"nextToken":null,"password":""}`, `{"nextToken":null,"password":"[REDACTED]"}`},
		{
			"an object, a list", `{"credentials":{"a":["}",1]},"Set-Cookie":["a=b"],"n":0}`,
			`{"credentials":"[REDACTED]","Set-Cookie":"[REDACTED]","n":0}`,
		},
		{"a key with escapes", `{"pass\u0077ord":"x"}`, `{"pass\u0077ord":"[REDACTED]"}`},
		{"a key twice", `{"token":"x","token":"y"}`, `{"token":"[REDACTED]","token":"[REDACTED]"}`},
		{
			"a body", `{"body":"{\"password\":\"x\",\"n\":1.0}","status":200}`,
			`{"body":"{\"password\":\"[REDACTED]\",\"n\":1.0}","status":200}`,
		},
		{
			"SNS in SQS", `{"body":"{\"Message\":\"{\\\"token\\\":\\\"x\\\"}\"}"}`,
			`{"body":"{\"Message\":\"{\\\"token\\\":\\\"[REDACTED]\\\"}\"}"}`,
		},
		{"JSON that is a string", `"{\"token\":\"x\"}"`, `"{\"token\":\"[REDACTED]\"}"`},
		{
			"environment", `[{"Name":"DB_PASSWORD","Value":"x"},{"Value":["x"],"Name":"API_KEY"},{"Name":"N","Value":"1"}]`,
			`[{"Name":"DB_PASSWORD","Value":"[REDACTED]"},{"Value":"[REDACTED]","Name":"API_KEY"},{"Name":"N","Value":"1"}]`,
		},
		{
			"a secret in a value of such a pair", `{"key":"token","value":{"password":"x"}}`,
			`{"key":"token","value":"[REDACTED]"}`,
		},
		{
			"text in a string", `{"message":"login with password=hunter2 failed","line":"a\nAuthorization: Bearer abc.def"}`,
			`{"message":"login with password=[REDACTED] failed","line":"a\nAuthorization: [REDACTED]"}`,
		},
		{
			"a query", `{"url":"https://example.com/?a=1&token=abc&b=2"}`,
			`{"url":"https://example.com/?a=1&token=[REDACTED]&b=2"}`,
		},
		{"nothing secret", `{"Bucket":"b","Key":"secrets.json","arn":"arn:aws:lambda:eu-west-1:1:function:f"}`, ""},
		{"numbers and null", `12`, ""},
		{"an empty list", ` [ ] `, ""},
	}
	r := redactor(t, redact.Rules{Defaults: true})
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if c.want == "" {
				c.want = c.in
			}
			require.Equal(t, c.want, r.Text(c.in))
			require.Equal(t, c.want, r.Text(c.want), "again")
		})
	}
}

func TestDefaultKeys(t *testing.T) {
	secret := []string{
		"password", "Password", "DBPassword", "db_password", "dbpassword", "passwd", "user-passwd", "passphrase", "pwd",
		"secret", "clientSecret", "AWS_SECRET_ACCESS_KEY", "SecretString", "client_secrets", "token", "accessToken",
		"id_token", "TaskToken", "x-amz-security-token", "refreshTokens", "csrftoken", "Authorization",
		"Proxy-Authorization", "cookie", "Set-Cookie", "cookies", "sessionCookie", "api_key", "apiKey", "APIKey", "apikey",
		"x-api-key", "accessKeyId", "access-key", "privateKey", "PRIVATE_KEY", "credentials", "dbCredential", "session",
		"sessionId", "session_token", "connectionString", "X-Amz-Signature", "X-Amz-Credential", "jwt", "token2",
	}
	innocent := []string{
		"author", "authorizer", "max_tokens", "inputTokenCount", "tokenType", "tokenizer", "sessionContext", "key", "Key",
		"keyName", "primaryKey", "monkey", "passenger", "compass", "bypass", "secretary", "SignatureVersion", "body", "name",
		"AuthenticationMethod", "etag", "requestId",
	}
	r := redactor(t, redact.Rules{Defaults: true})
	for _, key := range secret {
		require.Equal(t, `{"`+key+`":"[REDACTED]"}`, r.Text(`{"`+key+`":"x"}`))
	}
	for _, key := range innocent {
		require.Equal(t, `{"`+key+`":"x"}`, r.Text(`{"`+key+`":"x"}`))
	}
}

func TestText(t *testing.T) {
	cases := []struct{ in, want string }{
		{"password=hunter2", "password=[REDACTED]"},
		{"a Password: hunter2, then", "a Password: [REDACTED], then"},
		{"api key: abc", "api key: [REDACTED]"},
		{"env[API_TOKEN] := 'a b'; next", "env[API_TOKEN] := '[REDACTED]'; next"},
		{"user=bob&password=a%20b&n=1", "user=bob&password=[REDACTED]&n=1"},
		{"curl -H 'Authorization: Basic YWJjOmRlZg=='", "curl -H 'Authorization: [REDACTED]'"},
		{"Cookie: a=b; c=d\nHost: h", "Cookie: [REDACTED]\nHost: h"},
		{"got Bearer abcdef123 here", "got Bearer [REDACTED] here"},
		{"basic authentication and bearer tokens", ""},
		{"postgres://bob:hunter2@db:5432/x", "postgres://[REDACTED]@db:5432/x"},
		{"https://example.com/a?mail=bob@example.com", ""},
		{
			"jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc_def-1 end", "jwt [REDACTED] end",
		},
		{"-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nrest", "[REDACTED]\nrest"},
		{"-----BEGIN PRIVATE KEY-----\nabc", "[REDACTED]"},
		{"key AKIAIOSFODNN7EXAMPLE is unknown", "key [REDACTED] is unknown"},
		{
			"https://s3/x?X-Amz-Credential=A%2F1&X-Amz-Signature=abc",
			"https://s3/x?X-Amz-Credential=[REDACTED]&X-Amz-Signature=[REDACTED]",
		},
		{"authorization failed: user is unknown", ""},
		{"arn:aws:secretsmanager:eu-west-1:1:secret:db", ""},
		{"at 2026-11-23T08:00:00Z: done", ""},
		{`{"a":1,"password":"x`, `{"a":1,"password":"[REDACTED]`},
		{`{"a":1,"password":"x\"y","b":2`, `{"a":1,"password":"[REDACTED]","b":2`},
		{`{"password":"x\\","b":2`, `{"password":"[REDACTED]","b":2`},
		{`{"credentials":{"a":"}","b":[1]},"c":`, `{"credentials":[REDACTED],"c":`},
		{`{"credentials":{"a":"}`, `{"credentials":[REDACTED]`},
		{`{"body":"{\"token\":\"x\\\"y\",\"n\":1}","cut`, `{"body":"{\"token\":\"[REDACTED]\",\"n\":1}","cut`},
		{`failed: {"password":"x"} (400)`, `failed: {"password":"[REDACTED]"} (400)`},
		{"{\"password\":\"x\x01\"}", `{"password":"[REDACTED]"}`},
		{"password=", ""},
		{"", ""},
	}
	r := redactor(t, redact.Rules{Defaults: true})
	for _, c := range cases {
		t.Run(c.in, func(t *testing.T) {
			if c.want == "" {
				c.want = c.in
			}
			require.Equal(t, c.want, r.Text(c.in))
			require.Equal(t, c.want, r.Text(c.want), "again")
		})
	}
}

func TestPaths(t *testing.T) {
	cases := []struct{ path, in, want string }{
		{"$.a.b", `{"a":{"b":1,"c":2},"b":3}`, `{"a":{"b":"[REDACTED]","c":2},"b":3}`},
		{"$..card", `[{"card":{"n":1}},{"x":[{"card":2}]}]`, `[{"card":"[REDACTED]"},{"x":[{"card":"[REDACTED]"}]}]`},
		{"$.list[-1]", `{"list":[1, 2, 3]}`, `{"list":[1, 2, "[REDACTED]"]}`},
		{
			"$.list[?@.kind=='pin'].v", `{"list":[{"kind":"pin","v":1e400},{"kind":"x","v":2}]}`,
			`{"list":[{"kind":"pin","v":"[REDACTED]"},{"kind":"x","v":2}]}`,
		},
		{"$.items[?@.price > 10]", `{"items":[{"price":9.5},{"price":10.5}]}`, `{"items":[{"price":9.5},"[REDACTED]"]}`},
		{"$", `{"a":1}`, `"[REDACTED]"`},
		{"$", `5`, `"[REDACTED]"`},
		{"$.email", `{"body":"{\"email\":\"x\"}"}`, `{"body":"{\"email\":\"[REDACTED]\"}"}`},
		{"$['é']", `{"\u00e9":1}`, `{"\u00e9":"[REDACTED]"}`},
		{"$.a", `{"a":1,"a":2}`, `{"a":"[REDACTED]","a":"[REDACTED]"}`},
		{"$.none", `{"a":1}`, `{"a":1}`},
		{"$.a", `not JSON`, `not JSON`},
	}
	for _, c := range cases {
		t.Run(c.path+" "+c.in, func(t *testing.T) {
			require.Equal(t, c.want, redactor(t, redact.Rules{Paths: []string{c.path}}).Text(c.in))
		})
	}
}

func TestRulesReplaceTheDefaults(t *testing.T) {
	r := redactor(t, redact.Rules{Keys: []string{"iban", "card.*"}})
	require.Equal(t, `{"password":"x","IBAN":"[REDACTED]","cardNumber":"[REDACTED]","discard":1,"t":"Bearer abc123"}`,
		r.Text(`{"password":"x","IBAN":"y","cardNumber":"z","discard":1,"t":"Bearer abc123"}`))
	require.Equal(t, "password=x iban=[REDACTED]", r.Text("password=x iban=y"))
	both := redactor(t, redact.Rules{Defaults: true, Keys: []string{"iban"}})
	require.Equal(t, `{"password":"[REDACTED]","iban":"[REDACTED]"}`, both.Text(`{"password":"x","iban":"y"}`))
	none := redactor(t, redact.Rules{})
	require.Equal(t, `{"password":"x"}`, none.Text(`{"password":"x"}`))
}

func TestBadRulesAreNamed(t *testing.T) {
	_, err := redact.New(redact.Rules{Keys: []string{"ok", "a(", ""}, Paths: []string{"$.a", "$[", "a.b"}})
	for _, want := range []string{"keys::1", "keys::2", "paths::1", "paths::2"} {
		require.ErrorContains(t, err, want)
	}
	require.NotContains(t, err.Error(), "::0")
	_, err = redact.New(redact.Rules{Keys: []string{strings.Repeat("(", 999) + "a" + strings.Repeat(")", 999)}})
	require.ErrorContains(t, err, "keys")
}

func TestWhatLiesTooDeepIsTakenOut(t *testing.T) {
	r := redactor(t, redact.Rules{Defaults: true, Paths: []string{"$..a"}})
	deep := strings.Repeat(`[`, 101) + strings.Repeat(`]`, 101)
	require.Equal(t, `"[REDACTED]"`, r.Text(deep))
	require.Equal(t, deep[1:201], r.Text(deep[1:201]))
	text := `{"token":"x"}`
	for range 12 {
		text = `{"body":` + string(quote(text)) + `}`
	}
	require.NotContains(t, r.Text(text), "x")
	require.Contains(t, r.Text(text), redact.Replacement)
}

// TestHostileTextsTakeLinearTime takes minutes where the time is not linear.
func TestHostileTextsTakeLinearTime(t *testing.T) {
	r := redactor(t, redact.Rules{Defaults: true, Paths: []string{"$..a"}})
	for _, unit := range []string{
		"=", "password=", "token:[", `token:"`, `token:\`, `token:"\`, "a =  ", " ", "eyJ", "bearer ", "://", "AKIA",
		"-----BEGIN PRIVATE KEY-----", `["`, `{"a":`, `\u005c`, "a:b ",
	} {
		text := strings.Repeat(unit, 1<<18/len(unit))
		for _, payload := range []string{text, `"` + text, string(quote(text)), "[" + string(quote(text)) + "]"} {
			r.Text(payload)
		}
	}
	pair := `{"name":"password","a":1,"value":[{"value":1}]},`
	require.NotContains(t, r.Text("["+strings.Repeat(pair, 20_000)+"0]"), "1")
}

func TestNilChangesNothing(t *testing.T) {
	var r *redact.Redactor
	require.Equal(t, `{"password":"x"}`, r.Text(`{"password":"x"}`))
}
