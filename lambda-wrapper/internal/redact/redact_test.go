package redact

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestJSON(t *testing.T) {
	for in, want := range map[string]string{
		`{"password":"x","n":9007199254740993}`:                                     `{"password":"[REDACTED]","n":9007199254740993}`,
		" { \"a\" : [1.0e+2,\n{\"apiKey\" : 7 } ] , \"b\":\"\\u00e4\\/\" } ":        " { \"a\" : [1.0e+2,\n{\"apiKey\" : \"[REDACTED]\" } ] , \"b\":\"\\u00e4\\/\" } ",
		`{"headers":{"Authorization":"Bearer abc","x-api-key":"k","accept":"*/*"}}`: `{"headers":{"Authorization":"[REDACTED]","x-api-key":"[REDACTED]","accept":"*/*"}}`,
		`{"credentials":{"a":["}",1]},"token":null}`:                                `{"credentials":"[REDACTED]","token":null}`,
		`{"pass\u0077ord":"x"}`:                                                     `{"pass\u0077ord":"[REDACTED]"}`,
		`[{"Name":"DB_PASSWORD","Value":"x"},{"Name":"N","Value":1}]`:               `[{"Name":"DB_PASSWORD","Value":"[REDACTED]"},{"Name":"N","Value":1}]`,
		`{"body":"{\"token\":\"x\",\"n\":1}"}`:                                      `{"body":"{\"token\":\"[REDACTED]\",\"n\":1}"}`,
		`{"body":"user=a&password=b%20c&x=1"}`:                                      `{"body":"user=a&password=[REDACTED]&x=1"}`,
		`{"line":"sent Basic dTpw to it"}`:                                          `{"line":"sent Basic [REDACTED]"}`,
		`["eyJhbGci.eyJzdWIi.c2ln","a eyJ b"]`:                                      `["[REDACTED]","a eyJ b"]`,
		`{"db":"postgres://u:p@db/x and https://h/?a=b@c"}`:                         `{"db":"postgres://[REDACTED]@db/x and https://h/?a=b@c"}`,
		`"-----BEGIN RSA PRIVATE KEY-----\nMII"`:                                    `"[REDACTED]"`,
		`{"iban":"DE1","IBAN_2":"DE2"}`:                                             `{"iban":"[REDACTED]","IBAN_2":"[REDACTED]"}`,
		`{"bucket":"b","key":"a/b.png","n":[true,null]}`:                            ``,
		`12`: ``, `"text"`: ``, `[]`: ``, `{}`: ``,
	} {
		if want == "" {
			want = in
		}
		got, ok := New([]string{"IBAN", "-"}).JSON([]byte(in))
		require.True(t, ok, in)
		require.Equal(t, want, string(got))
	}
}

func TestWhatIsNoJSONIsNotLetThrough(t *testing.T) {
	for _, in := range []string{"", "{", "password=x", `{"a":1} {}`} {
		_, ok := Redactor{}.JSON([]byte(in))
		require.False(t, ok, in)
	}
}

func TestWhatLiesTooDeepIsTakenOut(t *testing.T) {
	deep := func(n int) string { return strings.Repeat(`[`, n) + `{"a":"x"}` + strings.Repeat(`]`, n) }
	got, _ := Redactor{}.JSON([]byte(deep(31)))
	require.Equal(t, deep(31), string(got))
	got, _ = Redactor{}.JSON([]byte(deep(40)))
	require.Equal(t, strings.Repeat(`[`, 33)+quoted+strings.Repeat(`]`, 33), string(got))

	nested := `{"a":"x"}`
	for range 5 {
		quotedText, err := json.Marshal(nested)
		require.NoError(t, err)
		nested = string(quotedText)
	}
	got, _ = Redactor{}.JSON([]byte(nested))
	require.NotContains(t, string(got), `x`)
}

// FuzzJSON holds that JSON stays JSON and that no secret member is left.
func FuzzJSON(f *testing.F) {
	for _, seed := range []string{
		`{"password":"hunter2","a":[{"b":" Bearer x "}]}`, `"\"{\\\"token\\\":1}\""`, `[1, {"Name":"secret","value":[2]} ]`,
		`{"u":"a://b@c://d@"}`, `"=&="`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		out, ok := Redactor{}.JSON(in)
		require.Equal(t, json.Valid(in), ok)
		if !ok {
			return
		}
		require.True(t, json.Valid(out), "%q became %q", in, out)
		again, _ := Redactor{}.JSON(out)
		require.Equal(t, string(out), string(again))
		withSecret, err := json.Marshal(map[string]any{"wrapped": json.RawMessage(in), "password": "hunter2hunter2"})
		require.NoError(t, err)
		out, _ = Redactor{}.JSON(withSecret)
		if !strings.Contains(string(in), "hunter2hunter2") {
			require.NotContains(t, string(out), "hunter2hunter2")
		}
	})
}
