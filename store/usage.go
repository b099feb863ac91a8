package store

import (
	"slices"
	"strings"

	"github.com/steptrace/steptrace/store/price"
)

// joinKeys are what an invocation is given to one attempt by: the request id (1); else to the latest attempt before it
// in its own trace (2); else to the latest one before it with the same payload (3). Each side has a row for each key,
// and ASOF finds the latest without comparing each with each. Clocks differ by 100 ms. The keys are one number for all
// methods, for a join of one number is the fastest; of a function's ARN ClickHouse hashes its dictionary only.
const joinKeys = `arrayJoin([(1, RequestHash), (2, bitXor(cityHash64(FunctionArn), cityHash64(TraceId))),
            (3, if(FingerprintHash = 0, 0, bitXor(cityHash64(FunctionArn), FingerprintHash)))]) AS by,
        by.1 AS method, by.2 AS key`

const joinedInvocations = `(
    SELECT i.id, i.ColdStart AS ColdStart, i.Memory AS Memory, i.Took AS Took,
        a.StateMachineArn AS StateMachineArn, a.StateName AS StateName, a.execution AS execution,
        a.Begin + 100 AS Since
    FROM (SELECT * FROM invoked WHERE key != 0) AS i
    ASOF INNER JOIN (SELECT * FROM own WHERE key != 0) AS a ON i.key = a.key AND i.Begin >= a.Begin
    WHERE i.method != 3 OR i.Begin <= a.Finish + 200
    ORDER BY i.method
    LIMIT 1 BY i.id
)`

// usageQuery sums what the parts of executions used. Begin and Finish are Unix ms; an attempt's Begin is 100 ms early.
// Since is when a part began, of an invocation its attempt. By execution, each is a number until its ARN is looked at
// last, for the join would carry these long texts along; all attempts then tell them. Two-level aggregation would write
// to disk block by block, since the join's memory counts against what may stay in it; one level takes a fifth of the
// time.
const usageQuery = `
WITH own AS (
    SELECT StateMachineArn, StateName, {execution} AS execution,
        intDiv(toUnixTimestamp64Nano(Start), 1000000) - 100 AS Begin,
        if(Open, {until:Int64}, intDiv(toUnixTimestamp64Nano(End), 1000000)) AS Finish,
        ` + joinKeys + `
    FROM sfn_attempts FINAL
    {attempts} AND FunctionArn != ''
),
invoked AS (
    SELECT cityHash64(TraceId, SpanId) AS id, ColdStart, Memory,
        intDiv(toUnixTimestamp64Nano(Start), 1000000) AS Begin,
        intDiv(greatest(0, toUnixTimestamp64Nano(End) - toUnixTimestamp64Nano(Start)) + 999999, 1000000) AS Took,
        ` + joinKeys + `
    FROM lambda_invocations FINAL
    WHERE FunctionArn IN (SELECT DISTINCT FunctionArn FROM sfn_attempts {attempts})
        AND Start >= fromUnixTimestamp64Milli({since:Int64} - 100)
        AND Start < fromUnixTimestamp64Milli({until:Int64} + 21600000) -- an asynchronous event is kept for six hours
)
SELECT ` + stepBegin + `Since` + stepEnd + ` AS time,
    toString(StateMachineArn), {state} AS state, max(arn) AS execution_arn, sum(executions), sum(entries + retried),
    sum(retried), sum(requests), sum(express), sum(invocations), sum(cold), sum(unknown), sum(gb_seconds)
FROM (
    SELECT StateMachineArn, '' AS StateName, {execution} AS execution, {arn} AS arn, 1 AS executions, 0 AS entries,
        0 AS retried, position(ExecutionArn, ':express:') > 0 AS requests,
        if(requests, {chunk:Float64} * intDiv(
            if(Status = 'RUNNING', 0, dateDiff('millisecond', Start, End)) + 99, 100), 0.) AS express,
        0 AS invocations, 0 AS cold, 0 AS unknown, 0. AS gb_seconds, toUnixTimestamp64Milli(Start) AS Since
    FROM sfn_executions FINAL
    {executions}
    UNION ALL
    SELECT StateMachineArn, StateName, {execution}, {arn}, 0, 1, 0, 0, 0, 0, 0, 0, 0, toUnixTimestamp64Milli(Start)
    FROM sfn_state_visits FINAL
    {visits} AND position(ExecutionArn, ':express:') = 0
    UNION ALL
    SELECT StateMachineArn, StateName, {execution}, {arn}, 0, 0,
        RetryCount > 0 AND position(ExecutionArn, ':express:') = 0 AS retried, 0, 0, 0, 0, 0, 0,
        intDiv(toUnixTimestamp64Nano(Start), 1000000)
    FROM sfn_attempts FINAL
    {attempts} AND ({told} OR retried)
    UNION ALL
    SELECT StateMachineArn, StateName, execution, '', 0, 0, 0, 0, 0, 1, ColdStart, Memory = 0,
        Took / 1000 * Memory / 1073741824, Since
    FROM ` + joinedInvocations + `
)
GROUP BY time, StateMachineArn, state, execution
HAVING sum(executions) + sum(entries) + sum(retried) + sum(invocations) > 0 {having}
ORDER BY time, sum(entries + retried) * {transition:Float64} + sum(express) * {express:Float64}
    + sum(gb_seconds) * {lambda:Float64} DESC, StateMachineArn, state, execution_arn
LIMIT {limit:UInt32}` + finalSettings + `,
    group_by_two_level_threshold = 0, group_by_two_level_threshold_bytes = 0`

// query makes the question; the default region's prices only tell which are the most expensive.
func (f CostFilter) query(r price.Region) (query, string) {
	var q, attempts query
	q.between("Start", 3, f.Since, f.Until)
	q.machines(f.StateMachines)
	if len(f.traces) > 0 {
		q.where("TraceId IN {traces:Array(String)}")
		q.param("traces", f.traces)
	}
	attempts.conditions = slices.Clone(q.conditions)
	q.param("step", stepSeconds(f.Step))
	q.param("chunk", price.ExpressGBSeconds(0, 1))
	q.param("transition", r.Transition)
	q.param("express", r.ExpressGBSecond.First())
	q.param("lambda", r.Lambda(f.Architecture).First())
	state, having := "''", ""
	execution, arn, told := "toUInt64(0)", "''", "false"
	switch f.By {
	case ByMachine:
	case ByState:
		state, having = "toString(StateName)", "AND state != ''"
	case ByExecution:
		execution, arn, told = "cityHash64(TraceId)", "ExecutionArn", "true"
	default:
		q.fail("by", "it is neither machine, state nor execution")
	}
	text := strings.NewReplacer(
		"{state}", state, "{having}", having, "{execution}", execution, "{arn}", arn, "{told}", told,
	).Replace(usageQuery)
	for _, mark := range []string{"{attempts}", "{visits}", "{executions}"} {
		text = replaceWhere(text, mark, attempts)
	}
	return q, text
}
