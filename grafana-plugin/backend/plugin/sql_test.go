package plugin

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/require"
)

func (s *stored) sqlOf(text, format string, more ...string) backend.DataResponse {
	s.t.Helper()
	query := map[string]any{"queryType": "sql", "rawSql": text, "format": format}
	for _, m := range more {
		require.NoError(s.t, json.Unmarshal([]byte(m), &query))
	}
	body, err := json.Marshal(query)
	require.NoError(s.t, err)
	return s.ask(string(body))
}

func (s *stored) table(text string, more ...string) *data.Frame {
	s.t.Helper()
	answer := s.sqlOf(text, "table", more...)
	require.NoError(s.t, answer.Error, text)
	require.Len(s.t, answer.Frames, 1)
	_, err := answer.Frames[0].MarshalArrow()
	require.NoError(s.t, err)
	return answer.Frames[0]
}

func TestTypesBecomeFields(t *testing.T) {
	s := newStored(t)
	for _, c := range []struct {
		sql   string
		typed data.FieldType
		want  string
	}{
		{"toUInt8(7)", data.FieldTypeNullableInt64, "7"},
		{"toInt64(-7)", data.FieldTypeNullableInt64, "-7"},
		{"toUInt64(9007199254740992)", data.FieldTypeNullableInt64, "9007199254740992"},
		{"toUInt64(9007199254740993)", data.FieldTypeNullableString, "9007199254740993"},
		{"toInt64(-9223372036854775808)", data.FieldTypeNullableString, "-9223372036854775808"},
		{"toUInt256(1)", data.FieldTypeNullableInt64, "1"},
		{"toInt128('-170141183460469231731687303715884105728')", data.FieldTypeNullableString, "-170141183460469231731687303715884105728"},
		{"toFloat32(0.5)", data.FieldTypeNullableFloat64, "0.5"},
		{"CAST(nan, 'Float64')", data.FieldTypeNullableFloat64, "NaN"},
		{"toDecimal64(12.34, 2)", data.FieldTypeNullableFloat64, "12.34"},
		{"CAST(1.5, 'Nullable(Decimal(38, 3))')", data.FieldTypeNullableFloat64, "1.5"},
		{"true", data.FieldTypeNullableBool, "true"},
		{"'it''s'", data.FieldTypeNullableString, "it's"},
		{"unhex('ff41')", data.FieldTypeNullableString, "\uFFFDA"},
		{"toFixedString('ab', 2)", data.FieldTypeNullableString, "ab"},
		{"toLowCardinality('x')", data.FieldTypeNullableString, "x"},
		{"CAST(NULL, 'LowCardinality(Nullable(String))')", data.FieldTypeNullableString, "null"},
		{"CAST('b', 'Enum8(\\'a\\' = 1, \\'b\\' = 2)')", data.FieldTypeNullableString, "b"},
		{"toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0')", data.FieldTypeNullableString, "61f0c404-5cb3-11e7-907b-a6006ad3dba0"},
		{"toIPv4('10.0.0.1')", data.FieldTypeNullableString, "10.0.0.1"},
		{"toIPv6('fe80::1')", data.FieldTypeNullableString, "fe80::1"},
		{"toDate('2090-01-02')", data.FieldTypeNullableTime, "24h0m0s"},
		{"toDate32('2090-01-02')", data.FieldTypeNullableTime, "24h0m0s"},
		{"toDateTime('2090-01-01 01:00:00', 'UTC')", data.FieldTypeNullableTime, "1h0m0s"},
		{"toDateTime('2090-01-01 01:00:00', 'Asia/Tokyo')", data.FieldTypeNullableTime, "-8h0m0s"},
		{"toDateTime64('2090-01-01 00:00:00.000000007', 9, 'UTC')", data.FieldTypeNullableTime, "7ns"},
		{"CAST(NULL, 'Nullable(DateTime)')", data.FieldTypeNullableTime, "null"},
		{"[1, 2]", data.FieldTypeJSON, "[1,2]"},
		{"['a', NULL]", data.FieldTypeJSON, `["a",null]`},
		{"map('a', 1)", data.FieldTypeJSON, `{"a":1}`},
		{"tuple(1, 'a')", data.FieldTypeJSON, `[1,"a"]`},
		{"CAST((1, 'a'), 'Tuple(n Int8, s String)')", data.FieldTypeJSON, `{"n":1,"s":"a"}`},
		{"[CAST(inf, 'Float64'), 1]", data.FieldTypeJSON, "[null,1]"},
		{"[toUInt64(18446744073709551615), 1]", data.FieldTypeJSON, `["18446744073709551615",1]`},
		{"[toUInt128(7)]", data.FieldTypeJSON, "[7]"},
		{"map(toUInt8(1), [[toUInt8(2)]])", data.FieldTypeJSON, `{"1":[[2]]}`},
		{"[toDateTime('2090-01-01 01:00:00', 'UTC')]", data.FieldTypeJSON, `["2090-01-01T01:00:00Z"]`},
		{"[toIPv4('10.0.0.1')]", data.FieldTypeJSON, `["10.0.0.1"]`},
		{"[toDecimal32(1.5, 1)]", data.FieldTypeJSON, `["1.5"]`},
		{"[toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0')]", data.FieldTypeJSON, `["61f0c404-5cb3-11e7-907b-a6006ad3dba0"]`},
		{`'{"a":{"b":1.5},"c":[1],"d":null}'::JSON`, data.FieldTypeJSON, `{"a":{"b":1.5},"c":[1]}`},
		{`'{"n":18446744073709551615}'::JSON`, data.FieldTypeJSON, `{"n":"18446744073709551615"}`},
		{`['{"a":"x"}'::JSON]`, data.FieldTypeJSON, `[{"a":"x"}]`},
		{"CAST(toUInt64(18446744073709551615), 'Variant(String, UInt64)')", data.FieldTypeJSON, `"18446744073709551615"`},
		{"CAST(NULL, 'Variant(String, UInt64)')", data.FieldTypeJSON, "null"},
		{"toDateTime64('2262-01-01 00:00:00', 3, 'UTC')", data.FieldTypeNullableTime, "1507704h0m0s"},
		{"toDateTime64('2299-12-31 00:00:00', 3, 'UTC')", data.FieldTypeNullableTime, "null"},
		{"toDate32('2299-12-31')", data.FieldTypeNullableTime, "null"},
		{"CAST(NULL, 'Nullable(Int64)')", data.FieldTypeNullableInt64, "null"},
		{"NULL", data.FieldTypeJSON, "null"},
		{"point", data.FieldTypeJSON, "[1,2]"},
		{"INTERVAL 3 DAY", data.FieldTypeNullableString, "3 Days"},
	} {
		text := "SELECT " + c.sql + " AS x"
		if c.sql == "point" {
			text = "SELECT CAST((1, 2), 'Point') AS x"
		}
		frame := s.table(text)
		require.Equal(t, 1, frame.Rows(), text)
		require.Equal(t, c.typed, frame.Fields[0].Type(), "%s is %s", text, frame.Fields[0].Type())
		got := shown(frame.Fields[0], 0, nil)
		if raw, isJSON := frame.Fields[0].ConcreteAt(0); isJSON && c.typed == data.FieldTypeJSON {
			got = string(raw.(json.RawMessage))
		}
		if strings.HasPrefix(c.want, "900719925474099") || strings.HasPrefix(c.want, "-1701") {
			value, _ := frame.Fields[0].ConcreteAt(0)
			got = fmt.Sprint(value)
		}
		require.Equal(t, c.want, got, text)
	}
}

func TestAValueAfterANullIsItsOwn(t *testing.T) {
	s := newStored(t)
	frame := s.table("SELECT if(number % 2 = 0, number, NULL) AS x FROM numbers(5)")
	var got []string
	for row := range frame.Rows() {
		got = append(got, shown(frame.Fields[0], row, nil))
	}
	require.Equal(t, []string{"0", "null", "2", "null", "4"}, got)
}

func TestRowsAreLimited(t *testing.T) {
	s := newStored(t)
	frame := s.table("SELECT number FROM numbers(1000000)", `{"limit": 3}`)
	require.Equal(t, 3, frame.Rows())
	require.Len(t, frame.Meta.Notices, 1)
	require.Contains(t, frame.Meta.Notices[0].Text, "Only the first 3 rows")
	require.Empty(t, s.table("SELECT number FROM numbers(3)", `{"limit": 3}`).Meta.Notices)
	require.Equal(t, 100_000, s.table("SELECT number FROM numbers(200000)", `{"limit": 2000000000}`).Rows())
	huge := s.table("SELECT repeat('x', 1000000) AS x" + strings.Repeat(" UNION ALL SELECT repeat('x', 1000000)", 99))
	require.Less(t, huge.Rows(), 100, "not more than 64 MiB are kept")
	require.Len(t, huge.Meta.Notices, 1)
	require.Equal(t, 0, s.table("SELECT 1 WHERE 0").Rows())
	require.Equal(t, "select 1", s.table("select 1;").Meta.ExecutedQueryString)
}

func TestMacrosInTheStore(t *testing.T) {
	s := newStored(t)
	s.storeWorld()
	count := func(condition string) string {
		return shown(s.table("SELECT count() FROM sfn_executions FINAL WHERE " + condition).Fields[0], 0, nil)
	}
	require.Equal(t, "11", count("$__timeFilter(Start)"))
	require.Equal(t, "11", count("Start >= $__fromTime AND Start < $__toTime"))
	require.Equal(t, "3", count(`$__timeFilter(Start) AND $__in(Status, ["FAILED","TIMED_OUT"])`), "an Enum")
	require.Equal(t, "3", count(`$__in(StateMachineName, ["orders/Each"])`), "LowCardinality(String)")
	require.Equal(t, "11", count(`$__in(RedriveCount, [0])`), "UInt32")
	require.Equal(t, "11", count(`$__in(RedriveCount, ["0", 7])`))
	require.Equal(t, "0", count(`$__in(ExecutionArn, ["' OR 1=1 --", "\\", "a\tb\n"])`))
	require.Equal(t, "11", count(`$__in(ExecutionArn, [])`))
	series := s.table("SELECT $__timeInterval(Start) AS time, count() AS n FROM sfn_executions FINAL GROUP BY time ORDER BY time")
	require.Equal(t, "0s", shown(series.Fields[0], 0, nil))
	require.Equal(t, "2m0s", shown(series.Fields[0], 1, nil), "the panel's interval")
	require.Equal(t, "120", shown(s.table("SELECT $__interval_s").Fields[0], 0, nil))
}

func TestTimeSeriesOutOfSQL(t *testing.T) {
	s := newStored(t)
	const rows = `SELECT toDateTime('2090-01-01 00:00:00', 'UTC') + at * 60 AS time, machine, state, n, p FROM values(
		'at UInt32, machine String, state LowCardinality(String), n UInt64, p Nullable(Float64)',
		(2, 'b', 'x', 3, 0.5), (0, 'a', 'x', 1, NULL), (0, 'b', 'x', 2, 0.25))`
	answer := s.sqlOf(rows, "time_series")
	require.NoError(t, answer.Error)
	frame := answer.Frames[0]
	require.Equal(t, data.FrameTypeTimeSeriesWide, frame.Meta.Type)
	var got []string
	for _, f := range frame.Fields {
		line := f.Name + " {" + f.Labels.String() + "}"
		for row := range frame.Rows() {
			line += " " + shown(f, row, nil)
		}
		got = append(got, line)
	}
	require.Equal(t, []string{
		"time {} 0s 2m0s", "n {machine=a, state=x} 1 null", "n {machine=b, state=x} 2 3",
		"p {machine=a, state=x} null null", "p {machine=b, state=x} 0.25 0.5",
	}, got)

	plain := s.sqlOf("SELECT toDateTime64('2090-01-01 00:00:01.5', 3, 'UTC') AS t, 7 AS n UNION ALL SELECT "+
		"toDateTime64('2090-01-01 00:00:00', 3, 'UTC'), 6", "time_series")
	require.NoError(t, plain.Error)
	require.Equal(t, "0s", shown(plain.Frames[0].Fields[0], 0, nil), "in the order of time")
	require.Equal(t, "7", shown(plain.Frames[0].Fields[1], 1, nil))
	require.Equal(t, data.TimeSeriesTypeWide, plain.Frames[0].TimeSeriesSchema().Type)

	empty := s.sqlOf(strings.Replace(rows, "SELECT", "SELECT * FROM (SELECT", 1)+") WHERE n > 10", "time_series")
	require.NoError(t, empty.Error)
	require.Empty(t, empty.Frames[0].Fields, "no data")
	for sql, want := range map[string]string{
		"SELECT 1 AS n":                                        "wants a column of times",
		"SELECT now() AS t, 'a' AS text":                       "wants a column of numbers",
		"SELECT CAST(NULL, 'Nullable(DateTime)') AS t, 1 AS n": `the time in column "t" is NULL`,
	} {
		refused := s.sqlOf(sql, "time_series")
		require.ErrorContains(t, refused.Error, want, sql)
		require.Equal(t, backend.StatusBadRequest, refused.Status)
	}
}

func TestNumbersForAlertsOutOfSQL(t *testing.T) {
	s := newStored(t)
	s.storeWorld()
	answer := s.sqlOf("SELECT StateMachineName AS state_machine, count() AS failed FROM sfn_executions FINAL "+
		"WHERE $__timeFilter(Start) AND Status = 'FAILED' GROUP BY state_machine ORDER BY state_machine", "numeric")
	require.NoError(t, answer.Error)
	frame := answer.Frames[0]
	require.Equal(t, data.FrameTypeNumericLong, frame.Meta.Type)
	require.Equal(t, data.FieldTypeNullableString, frame.Fields[0].Type())
	require.Equal(t, data.FieldTypeNullableFloat64, frame.Fields[1].Type())
	require.Equal(t, []string{"orders", "1", "orders/Each", "1"}, []string{
		shown(frame.Fields[0], 0, nil), shown(frame.Fields[1], 0, nil),
		shown(frame.Fields[0], 1, nil), shown(frame.Fields[1], 1, nil),
	})
	for _, sql := range []string{"SELECT 'a' AS l, 1 AS n WHERE 0", "SELECT avg(number) FROM numbers(0)"} {
		none := s.sqlOf(sql, "numeric")
		require.NoError(t, none.Error)
		require.Empty(t, none.Frames[0].Fields, "%s is no data", sql)
	}
	require.ErrorContains(t, s.sqlOf("SELECT 'a'", "numeric").Error, "wants a column of numbers")
}

func TestSQLThatIsRefused(t *testing.T) {
	s := newStored(t)
	for sql, want := range map[string]string{
		"":                       "it is empty",
		"DROP TABLE otel_traces": `begins with "DROP"`,
		"WITH 1 AS x INSERT INTO steptrace_migrations (Version) SELECT x": "",
		"SELECT 1; SELECT 2":           "more than one statement",
		"SELECT $__nothing":            "there is no macro",
		"EXPLAIN SELECT {other:Int64}": "other",
	} {
		answer := s.sqlOf(sql, "table")
		require.ErrorContains(t, answer.Error, want, sql)
	}
	syntax := s.sqlOf("SELECT FROM WHERE", "table")
	require.ErrorContains(t, syntax.Error, "Syntax error")
	require.Equal(t, backend.StatusBadGateway, syntax.Status)
	require.Equal(t, backend.ErrorSourceDownstream, syntax.ErrorSource)
	require.Positive(t, s.table("SHOW TABLES").Rows())
	require.Positive(t, s.table("DESCRIBE otel_traces").Rows())
	require.Positive(t, s.table("EXPLAIN SELECT 1").Rows())
}
