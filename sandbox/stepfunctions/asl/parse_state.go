package asl

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// maxStateName is how many characters a state's name may have.
const maxStateName = 80

func parseState(name string, f *fields) *State {
	state := &State{Name: name, Comment: f.comment(), Type: Type(f.text("Type")), QueryLanguage: f.queryLanguage()}
	if n := utf8.RuneCountInString(name); n == 0 || n > maxStateName {
		f.schema(f.at, "A state's name must have 1 to %d characters", maxStateName)
	}
	f.require("Type")
	parse, ok := stateParsers[state.Type]
	if !ok {
		f.unknownType(state.Type)
		return state
	}
	parse(f, state)
	f.done()
	return state
}

func (f *fields) unknownType(t Type) {
	if f.has("Type") {
		f.schema(f.place("Type"), "Value '%s' is not a type of state", t)
	}
}

var stateParsers map[Type]func(*fields, *State)

func init() { // breaks the cycle: states hold machines, machines hold states
	stateParsers = map[Type]func(*fields, *State){
		TaskType: parseTask, ParallelType: parseParallel, MapType: parseMap, ChoiceType: parseChoice,
		WaitType: parseWait, PassType: parsePass, SucceedType: parseSucceed, FailType: parseFail,
	}
}

// parseTransition reads Next and End, of which a state has exactly one.
func parseTransition(f *fields, state *State) {
	state.Next, state.End = f.text("Next"), f.flag("End")
	if f.object == nil {
		return
	}
	switch hasNext, ends := f.has("Next"), state.End; {
	case hasNext && f.has("End"):
		f.oneOf("Next", "End")
	case !hasNext && !ends:
		f.schema(f.at, "One of the following fields is required: [Next, End]")
	}
}

// parseFilters reads InputPath and OutputPath, and Output and Assign, which all states but Fail have.
func parseFilters(f *fields, state *State) {
	state.InputPath, state.OutputPath = f.path("InputPath"), f.path("OutputPath")
	f.only(JSONata, "Output")
	state.Output = f.payload("Output")
}

// parseResult reads the fields of states that produce a result.
func parseResult(f *fields, state *State) {
	f.only(JSONPath, "Parameters", "ResultSelector")
	f.only(JSONata, "Arguments")
	state.ResultPath = f.path("ResultPath")
	state.ResultSelector = f.payload("ResultSelector")
	state.Retry, state.Catch = parseRetry(f), parseCatch(f)
}

func parseArguments(f *fields, state *State) {
	state.Parameters, state.Arguments = f.payload("Parameters"), f.payload("Arguments")
}

// variableName is what a workflow variable may be called; $states is taken.
var variableName = regexp.MustCompile(`^[\pL_][\pL\pN_]{0,79}$`)

func parseAssign(f *fields) *Payload {
	inner := f.member("Assign")
	if inner == nil {
		return nil
	}
	for _, key := range inner.object.Keys() {
		name := key
		if f.lang == JSONPath {
			name = strings.TrimSuffix(key, ".$")
		}
		if !variableName.MatchString(name) || name == "states" {
			f.schema(inner.at, "'%s' is not a valid variable name", name)
		}
	}
	return f.payload("Assign")
}

func parseTask(f *fields, state *State) {
	parseTransition(f, state)
	parseFilters(f, state)
	parseArguments(f, state)
	parseResult(f, state)
	state.Assign = parseAssign(f)
	state.Task = &Task{
		Resource:         f.resource(),
		TimeoutSeconds:   f.integer("TimeoutSeconds", 1, maxSeconds),
		HeartbeatSeconds: f.integer("HeartbeatSeconds", 1, maxSeconds),
		Credentials:      f.payload("Credentials"),
	}
	checkHeartbeat(f, state.Task)
}

// resource reads a Resource: an ARN with its six parts.
func (f *fields) resource() string {
	f.require("Resource")
	resource := f.text("Resource")
	if f.has("Resource") && (!strings.HasPrefix(resource, "arn:") || strings.Count(resource, ":") < 5) {
		f.schema(f.place("Resource"), "Value is not a valid resource ARN")
	}
	return resource
}

func checkHeartbeat(f *fields, task *Task) {
	timeout, heartbeat := task.TimeoutSeconds, task.HeartbeatSeconds
	if timeout == nil || heartbeat == nil || timeout.Value == 0 || heartbeat.Value == 0 {
		return
	}
	if heartbeat.Value >= timeout.Value {
		f.schema(f.at, "HeartbeatSeconds must be smaller than TimeoutSeconds")
	}
}

func parseParallel(f *fields, state *State) {
	parseTransition(f, state)
	parseFilters(f, state)
	parseArguments(f, state)
	parseResult(f, state)
	state.Assign = parseAssign(f)
	state.Parallel = &Parallel{}
	f.require("Branches")
	for i, v := range f.list("Branches") {
		branch := &StateMachine{}
		parseMachine(f.within(fmt.Sprintf("%s[%d]", f.place("Branches"), i), v), branch)
		state.Parallel.Branches = append(state.Parallel.Branches, branch)
	}
	if f.has("Branches") && len(state.Parallel.Branches) == 0 {
		f.schema(f.place("Branches"), "Branches must not be empty")
	}
}

func parseWait(f *fields, state *State) {
	parseTransition(f, state)
	parseFilters(f, state)
	state.Assign = parseAssign(f)
	switch f.oneOf("Seconds", "SecondsPath", "Timestamp", "TimestampPath") {
	case 0:
		f.schema(f.at, "One of the following fields is required: [Seconds, SecondsPath, Timestamp, TimestampPath]")
	}
	state.Wait = &Wait{Seconds: f.integer("Seconds", 0, maxSeconds), Timestamp: f.string("Timestamp")}
	checkTimestamp(f, state.Wait.Timestamp)
}

func checkTimestamp(f *fields, timestamp *Text) {
	if timestamp == nil || timestamp.Value == "" {
		return
	}
	if _, err := ParseTimestamp(timestamp.Value); err != nil {
		f.schema(f.place("Timestamp"), "Value is not a valid ISO-8601 extended offset date-time format string")
	}
}

func parsePass(f *fields, state *State) {
	parseTransition(f, state)
	parseFilters(f, state)
	f.only(JSONPath, "Parameters", "Result")
	state.Parameters = f.payload("Parameters")
	state.ResultPath = f.path("ResultPath")
	state.Assign = parseAssign(f)
	state.Pass = &Pass{}
	if v, ok := f.get("Result"); ok {
		state.Pass.Result = &Payload{Value: v}
	}
}

func parseSucceed(f *fields, state *State) {
	parseFilters(f, state)
}

func parseFail(f *fields, state *State) {
	state.InputPath, state.OutputPath = Path{Expression: "$"}, Path{Expression: "$"}
	state.Fail = &Fail{Error: f.string("Error"), Cause: f.string("Cause")}
}
