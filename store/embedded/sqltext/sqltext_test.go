package sqltext_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/store/embedded/sqltext"
)

func TestTokens(t *testing.T) {
	for text, want := range map[string][]string{
		"":                             nil,
		" \t\r\n\f\v":                  nil,
		"SELECT a.b, f(1)":             {"SELECT", "a", ".", "b", ",", "f", "(", "1", ")"},
		"a -- b\nc":                    {"a", "c"},
		"a // b\nc":                    {"a", "c"},
		"a # b\nc #! d\ne #f":          {"a", "c", "e", "#", "f"},
		"a /* b /* c */ d */ e":        {"a", "e"},
		"a /* b":                       {"a", "/* b"},
		`'it''s' 'a\'b' 'c`:            {`'it''s'`, `'a\'b'`, `'c`},
		"`a``b` \"c\\\"d\"":            {"`a``b`", `"c\"d"`},
		"“a'b” ‘c\"d’":                 {"“a'b”", "‘c\"d’"},
		"$$a'b$$ $x$ $$ $x$ $1 a$b $":  {"$$a'b$$", "$x$ $$ $x$", "$1", "a$b", "$"},
		"x'41' -- 'quote in a comment": {"x", "'41'"},
		"'comment -- in a quote' a":    {"'comment -- in a quote'", "a"},
		"a\x00b":                       {"a", "\x00", "b"},
	} {
		var got []string
		for token := range sqltext.Tokens(text) {
			got = append(got, text[token.Start:token.End])
		}
		require.Equal(t, want, got, "%q", text)
	}
}

func TestTokensCountBrackets(t *testing.T) {
	var depths []int
	for token := range sqltext.Tokens("a(b[c]{d})e)") {
		depths = append(depths, token.Depth)
	}
	require.Equal(t, []int{0, 0, 1, 1, 2, 1, 1, 2, 1, 0, 0, -1}, depths)
}

func TestParse(t *testing.T) {
	const none = -1
	for text, want := range map[string]sqltext.Statement{
		"": {Text: "", Rows: "", Data: none},
		"select 1": {
			Keyword: "SELECT", Text: "select 1", Rows: "select 1", Data: none,
		},
		"(SELECT 1) UNION ALL (SELECT 2);\n-- end": {
			Keyword: "SELECT", Text: "(SELECT 1) UNION ALL (SELECT 2)", Rows: "(SELECT 1) UNION ALL (SELECT 2)", Data: none,
		},
		"SELECT 1;;": {Keyword: "SELECT", Text: "SELECT 1", Rows: "SELECT 1", Data: none},
		"SELECT 1; SELECT 2": {
			Keyword: "SELECT", Text: "SELECT 1", Rows: "SELECT 1", Data: none, Multiple: true,
		},
		"SELECT ';' /* ; */ -- ;": {
			Keyword: "SELECT", Text: "SELECT ';' /* ; */ -- ;", Rows: "SELECT ';' /* ; */ -- ;", Data: none,
		},
		"SELECT 1 FORMAT JSON": {
			Keyword: "SELECT", Text: "SELECT 1 FORMAT JSON", Rows: "SELECT 1 ", Format: "JSON", Data: none,
		},
		"SELECT 1 format CSV SETTINGS a = 1": {
			Keyword: "SELECT", Text: "SELECT 1 format CSV SETTINGS a = 1", Rows: "SELECT 1 ", Format: "CSV", Data: none,
		},
		"SELECT format FROM t": {
			Keyword: "SELECT", Text: "SELECT format FROM t", Rows: "SELECT format FROM t", Data: none,
		},
		"SELECT 1 AS format": {
			Keyword: "SELECT", Text: "SELECT 1 AS format", Rows: "SELECT 1 AS format", Data: none,
		},
		"INSERT INTO t FORMAT Native\n\x20\n\x0abinary; SELECT 1": {
			Keyword: "INSERT", Text: "INSERT INTO t ", Format: "Native", Data: len("INSERT INTO t FORMAT Native\n"),
		},
		"INSERT INTO t FORMAT CSV ; \n1;2": {
			Keyword: "INSERT", Text: "INSERT INTO t ", Format: "CSV", Data: len("INSERT INTO t FORMAT CSV ; \n"),
		},
		"insert into db.t (a, b) settings x = 1 values (1, 'x; --'), (2, 'y')": {
			Keyword: "INSERT", Text: "insert into db.t (a, b) settings x = 1 ", Format: "Values",
			Data: len("insert into db.t (a, b) settings x = 1 values"),
		},
		"INSERT INTO t (`values`, \"format\") VALUES (1)": {
			Keyword: "INSERT", Text: "INSERT INTO t (`values`, \"format\") ", Format: "Values",
			Data: len("INSERT INTO t (`values`, \"format\") VALUES"),
		},
		"INSERT INTO format VALUES (1)": {
			Keyword: "INSERT", Text: "INSERT INTO format ", Format: "Values", Data: len("INSERT INTO format VALUES"),
		},
		"INSERT INTO t SELECT 'FORMAT CSV', values FROM s": {
			Keyword: "INSERT", Text: "INSERT INTO t SELECT 'FORMAT CSV', values FROM s",
			Rows: "INSERT INTO t SELECT 'FORMAT CSV', values FROM s", Data: none,
		},
		"INSERT INTO t SELECT a FROM input('a UInt8') FORMAT CSV\n1": {
			Keyword: "INSERT", Text: "INSERT INTO t SELECT a FROM input('a UInt8') ", Format: "CSV",
			Data: len("INSERT INTO t SELECT a FROM input('a UInt8') FORMAT CSV\n"),
		},
		"SELECT 'a":     {Keyword: "SELECT", Text: "SELECT 'a", Rows: "SELECT 'a", Data: none, Unclosed: true},
		"INSERT INTO t": {Keyword: "INSERT", Text: "INSERT INTO t", Rows: "INSERT INTO t", Data: none},
	} {
		require.Equal(t, want, sqltext.Parse(text), "%q", text)
	}
}

func TestMentions(t *testing.T) {
	for text, want := range map[string]bool{
		"SELECT 1 INTO OUTFILE 'x'":           true,
		"SELECT 1 into /* */ outfile\n'x'":    true,
		"SELECT 1 -- '\nINTO OUTFILE 'x' -- ": true,
		"SELECT $a$ ' $a$ INTO OUTFILE 'x'":   true,
		"SELECT ‘ ' ’ INTO OUTFILE 'x'":       true,
		"SELECT 'INTO OUTFILE'":               false,
		"SELECT `outfile` FROM t":             false,
		"SELECT 1 -- outfile":                 false,
		"SELECT myoutfile":                    false,
	} {
		require.Equal(t, want, sqltext.Mentions(text, "OUTFILE"), "%q", text)
	}
}

func TestMayCall(t *testing.T) {
	for text, want := range map[string]bool{
		"SELECT file('/x')":                    true,
		"SELECT file /* */ ('/x')":             true,
		"SELECT `file`('/x')":                  true,
		`SELECT "fi\x6ce"('/x')`:               true,
		"SELECT “file”('/x')":                  true,
		"SELECT arrayMap(file, ['/x'])":        true,
		"SELECT arrayMap(`fi\\le`, ['/x'])":    true,
		"SELECT arrayMap((file), ['/x'])":      true,
		"SELECT arrayMap(x -> file(x), [1])":   true,
		"SELECT FILE('/x')":                    false, // the engine knows it by lower case only
		"SELECT t.file, length(t.file) FROM t": false,
		"SELECT file FROM t WHERE file = 1":    false,
		"CREATE TABLE t (file String)":         false,
		"SELECT 'file('":                       false,
		"SELECT profile(1)":                    false,
	} {
		require.Equal(t, want, sqltext.MayCall(text, "file"), "%q", text)
	}
}

func TestParseTakesTimeInProportionToTheText(t *testing.T) {
	long := "INSERT INTO t SELECT " + strings.Repeat("a FROM b, ", 1<<17)
	require.Equal(t, long, sqltext.Parse(long).Text)

	var dollars strings.Builder
	for i := range 1 << 17 {
		fmt.Fprintf(&dollars, "$%d ", i)
	}
	require.True(t, sqltext.Parse(dollars.String()).Unclosed)
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"SELECT 1", "INSERT INTO t (a) FORMAT Native\n\x00\xff", "INSERT INTO t VALUES (1)", "SELECT 'a", "/*", "$a$", "a.b",
		"INSERT INTO a.b.c FORMAT", "“", "SELECT `\\x4", `"\`, "((((", "))))", "SELECT 1 FORMAT", "; ; FORMAT x",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		end := 0
		for token := range sqltext.Tokens(text) {
			require.LessOrEqual(t, end, token.Start)
			require.Less(t, token.Start, token.End)
			require.LessOrEqual(t, token.End, len(text))
			end = token.End
		}
		s := sqltext.Parse(text)
		require.True(t, strings.HasPrefix(text, s.Text))
		require.True(t, strings.HasPrefix(s.Text, s.Rows))
		if s.TakesData() {
			require.Equal(t, "INSERT", s.Keyword)
			require.NotEmpty(t, s.Format)
			require.LessOrEqual(t, s.Data, len(text))
			require.LessOrEqual(t, len(s.Text), s.Data)
		}
		sqltext.MayCall(text, "file")
		if sqltext.Mentions(text, "OUTFILE") {
			require.True(t, slices.Contains(strings.FieldsFunc(strings.ToUpper(text), isNotWord), "OUTFILE"))
		}
	})
}

func isNotWord(r rune) bool {
	return r != '_' && r != '$' && (r < '0' || r > '9') && (r < 'A' || r > 'Z')
}
