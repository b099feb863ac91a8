package asl

// Type is the Type field of a state.
type Type string

// The types of states.
const (
	TaskType     Type = "Task"
	ParallelType Type = "Parallel"
	MapType      Type = "Map"
	ChoiceType   Type = "Choice"
	WaitType     Type = "Wait"
	PassType     Type = "Pass"
	SucceedType  Type = "Succeed"
	FailType     Type = "Fail"
)

// State is one state. The fields that several types have are its own; what one type alone has is in the member named
// after the type, which is non-nil for that type only.
type State struct {
	Name          string
	Type          Type
	Comment       string
	QueryLanguage QueryLanguage // the state's own or its machine's; never empty after Parse

	Next string // empty when End, and for Choice, Succeed and Fail
	End  bool

	InputPath, OutputPath, ResultPath Path     // JSONPath
	Parameters, ResultSelector        *Payload // JSONPath
	Arguments, Output                 *Payload // JSONata
	Assign                            *Payload

	Retry []Retrier
	Catch []Catcher

	Task     *Task
	Parallel *Parallel
	Map      *Map
	Choice   *Choice
	Wait     *Wait
	Pass     *Pass
	Fail     *Fail
}

// Task is what a Task state does.
type Task struct {
	Resource                         string // an ARN; states may name any service integration
	TimeoutSeconds, HeartbeatSeconds *Int   // nil: none
	Credentials                      *Payload
}

// Parallel holds the branches of a Parallel state.
type Parallel struct {
	Branches []*StateMachine
}

// Pass is what a Pass state puts out: Result, or without one its input.
type Pass struct {
	Result *Payload // JSONPath
}

// Wait is until when a Wait state waits: exactly one member is set.
type Wait struct {
	Seconds   *Int  // Seconds or SecondsPath
	Timestamp *Text // Timestamp or TimestampPath (RFC 3339)
}

// Fail is what a Fail state reports.
type Fail struct {
	Error, Cause *Text // nil: none
}

// Retrier is an entry of Retry, with the defaults filled in.
type Retrier struct {
	ErrorEquals     []string
	IntervalSeconds int64   // default 1
	MaxAttempts     int64   // default 3; 0 never retries
	BackoffRate     float64 // default 2.0
	MaxDelaySeconds int64   // 0: no bound
	JitterStrategy  string  // "NONE" (the default) or "FULL"
}

// Catcher is an entry of Catch.
type Catcher struct {
	ErrorEquals []string
	Next        string
	ResultPath  Path     // JSONPath
	Output      *Payload // JSONata
	Assign      *Payload
}
