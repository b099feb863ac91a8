package macro_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/steptrace/steptrace/grafana-plugin/backend/macro"
	"github.com/steptrace/steptrace/store"
)

var hour = macro.Context{
	Since: time.Unix(1_700_000_000, 0), Until: time.Unix(1_700_003_600, 5), Interval: 30 * time.Second,
}

const (
	from = "fromUnixTimestamp64Nano({steptrace_from:Int64})"
	to   = "fromUnixTimestamp64Nano({steptrace_to:Int64})"
)

func TestMacrosAreExpanded(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT 1":                                "SELECT 1",
		"SELECT 1; ":                              "SELECT 1",
		"SELECT $__interval_s, $__interval_s()":   "SELECT 30, 30",
		"SELECT $__fromTime, $__toTime":           "SELECT " + from + ", " + to,
		"select * from t where $__timeFilter(ts)": "select * from t where (ts >= " + from + " AND ts < " + to + ")",
		"SELECT $__timeInterval(ts) AS t, x FROM y GROUP BY t, x -- each": "SELECT " +
			"toStartOfInterval(ts, INTERVAL 30 SECOND) AS t, x FROM y GROUP BY t, x -- each",
		"SELECT $__timeFilter(toDateTime64(a, 3, 'UTC'))": "SELECT (toDateTime64(a, 3, 'UTC') >= " + from +
			" AND toDateTime64(a, 3, 'UTC') < " + to + ")",
		"SELECT $__timeFilter( `a)b` /* x */ )":                              "SELECT (`a)b` >= " + from + " AND `a)b` < " + to + ")",
		"SELECT $__timeFilter(a -- b\n)":                                     "SELECT (a >= " + from + " AND a < " + to + ")",
		"SELECT $__timeInterval($__fromTime)":                                "SELECT toStartOfInterval(" + from + ", INTERVAL 30 SECOND)",
		"SELECT $__in(a, [])":                                                "SELECT 1",
		"WITH x AS (SELECT 1) SELECT * FROM x":                               "WITH x AS (SELECT 1) SELECT * FROM x",
		"(SELECT 1) UNION ALL (SELECT 2)":                                    "(SELECT 1) UNION ALL (SELECT 2)",
		"EXPLAIN SELECT $__interval_s":                                       "EXPLAIN SELECT 30",
		"SELECT $__interval_s, $__interval_s, $__interval_s, $__interval_s":  "SELECT 30, 30, 30, 30",
		"SELECT a FROM t WHERE $__in(a, []) OR $__in(a, []) OR $__in(a, [])": "SELECT a FROM t WHERE 1 OR 1 OR 1",
		// not macros
		"SELECT '$__fromTime $__nothing', \"$__x\", `$__x` -- $__x\n/* $__x */ # $__x": "SELECT '$__fromTime $__nothing', " +
			"\"$__x\", `$__x` -- $__x\n/* $__x */ # $__x",
		"SELECT 'it''s $__x', 'a\\' $__x'":      "SELECT 'it''s $__x', 'a\\' $__x'",
		"SELECT $t$ $__fromTime $t$, a$__x":     "SELECT $t$ $__fromTime $t$, a$__x",
		"SELECT ‘$__fromTime’ /* /* */ $__x */": "SELECT ‘$__fromTime’ /* /* */ $__x */",
	} {
		got, err := macro.Expand(text, hour)
		require.NoError(t, err, text)
		require.Equal(t, want, got.SQL, text)
	}
}

func TestValuesAreParameters(t *testing.T) {
	got, err := macro.Expand(`SELECT $__timeFilter(t), $__in(a, ["x'y", "\"", "]) OR 1"]), $__in(b, 7)`, hour)
	require.NoError(t, err)
	require.Equal(t, map[string]any{
		"steptrace_from": int64(1_700_000_000_000_000_000), "steptrace_to": int64(1_700_003_600_000_000_005),
		"steptrace_in_2": `["x'y","\"","]) OR 1"]`, "steptrace_in_3": `["7"]`,
	}, got.Params)
	require.NotContains(t, got.SQL, "OR 1")
	require.Contains(t, got.SQL, "a IN (SELECT arrayJoin(JSONExtract({steptrace_in_2:String}, 'Array(String)')))")
}

func TestTimesBeyondTheStoresReachItsEnds(t *testing.T) {
	got, err := macro.Expand("SELECT $__fromTime, $__toTime", macro.Context{Until: time.Unix(1<<50, 0)})
	require.NoError(t, err)
	require.Equal(t, map[string]any{
		"steptrace_from": int64(-2_208_988_800_000_000_000), "steptrace_to": int64(9_214_646_400_000_000_000),
	}, got.Params)
}

func TestWhatIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                                      "it is empty",
		" -- only a comment":                    "it begins with",
		";":                                     "it is empty",
		"INSERT INTO t VALUES (1)":              `begins with "INSERT"`,
		"DROP TABLE t":                          `begins with "DROP"`,
		"SET readonly = 0":                      `begins with "SET"`,
		"SYSTEM STOP MERGES":                    `begins with "SYSTEM"`,
		"SELECT 1; DROP TABLE t":                "more than one statement",
		"SELECT 1; -- a\n; SELECT 2":            "more than one statement",
		"SELECT 'a":                             "is not closed",
		"SELECT 1 /* a":                         "is not closed",
		"SELECT 1\x00":                          "zero byte",
		"SELECT 1 FORMAT JSON":                  "leave FORMAT out",
		"SELECT 1 INTO OUTFILE 'a'":             "OUTFILE",
		"SELECT 1 SETTINGS readonly = 0":        "may not set readonly",
		"SELECT 1 settings PROFILE = 'x'":       "may not set readonly",
		"SELECT $__nothing":                     "there is no macro $__nothing: there are $__fromTime, $__in,",
		"SELECT $__timeFilter":                  "$__timeFilter wants (…)",
		"SELECT $__timeFilter()":                "takes 1 arguments, not 0",
		"SELECT $__timeFilter(a, b)":            "takes 1 arguments, not 2",
		"SELECT $__timeFilter(a":                "is not closed",
		"SELECT $__in(a)":                       "takes 2 arguments, not 1",
		"SELECT $__in(, [])":                    "takes 2 arguments, not 2",
		"SELECT $__in(a, ${variable:json})":     "is not JSON",
		"SELECT $__in(a, ['x'])":                "is not JSON",
		`SELECT $__in(a, ["x"] ["y"])`:          "is not JSON",
		"SELECT $__in(a, [[1]])":                "the list holds",
		"SELECT $__in(a, null)":                 "the list holds",
		"SELECT " + strings.Repeat("a", 50_001): "too long",
		"SELECT " + strings.Repeat("$__interval_s,", 1001):                                 "more than 1000 macros",
		"SELECT $__toTime; DROP TABLE $__toTime; SELECT $__toTime; DROP TABLE $__toTime; ": "more than one statement",
		"SELECT " + strings.Repeat("$__timeFilter(", 10) + "a" + strings.Repeat(")", 10):   "nested more than 8 deep",
	} {
		_, err := macro.Expand(text, hour)
		require.ErrorIs(t, err, macro.ErrInvalid, text)
		require.ErrorContains(t, err, want, text)
	}
}

// What is no macro stays as it is, and nothing that is quoted gets out of its quotes.
func FuzzExpand(f *testing.F) {
	for _, seed := range []string{
		"SELECT $__timeFilter(a)", "SELECT '$__x' -- $__y\n", `SELECT $__in(a, ["b"])`, "SELECT $__in(a,(", "$__$__", "SELECT $$a$$",
		"SELECT $__timeFilter($__timeInterval($__fromTime()))", "SELECT /* /* */", "SELECT “$__toTime”, $__in(b, 1.5e3)",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := macro.Expand(text, hour)
		if err != nil {
			require.ErrorIs(t, err, macro.ErrInvalid)
			return
		}
		require.LessOrEqual(t, len(got.SQL), 100_000)
		if len(got.Params) == 0 && !strings.Contains(text, "$__") {
			require.True(t, strings.HasPrefix(text, got.SQL))
		}
		again, err := macro.Expand(got.SQL, hour)
		if err != nil { // it may only have become too long
			require.ErrorContains(t, err, "too long")
			return
		}
		require.Equal(t, got.SQL, again.SQL, "nothing is left to expand")
	})
}

// The text of a statement is the same whatever the values are: they are parameters, and come out as they were.
func FuzzValuesStayOutOfTheText(f *testing.F) {
	for _, value := range []string{"", "a", `' OR 1=1 --`, `"]) OR (`, "\\", "$__fromTime", "{x:String}", "\x00", "*/ ; /*", "\u2028'"} {
		f.Add(value, int64(0), int64(1))
	}
	expand := func(t *testing.T, c macro.Context, values ...string) store.Statement {
		list, err := json.Marshal(values)
		require.NoError(t, err)
		got, err := macro.Expand(`SELECT a FROM t WHERE $__in(a, `+string(list)+`) AND $__timeFilter(b)`, c)
		require.NoError(t, err)
		return got
	}
	f.Fuzz(func(t *testing.T, value string, from, to int64) {
		if len(value) > 5000 || !utf8.ValidString(value) {
			return
		}
		plain := expand(t, hour, "plain", "more")
		got := expand(t, macro.Context{Since: time.UnixMilli(from), Until: time.UnixMilli(to)}, value, "more")
		require.Equal(t, plain.SQL, got.SQL)
		var back []string
		require.NoError(t, json.Unmarshal([]byte(got.Params["steptrace_in_0"].(string)), &back))
		require.Equal(t, []string{value, "more"}, back)
		require.Len(t, got.Params, 3)
	})
}
