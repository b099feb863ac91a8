package environment

import (
	"context"
	"time"
)

// Invocation is one event for a function.
type Invocation struct {
	RequestID     string
	FunctionARN   string // as invoked, with its qualifier if it had one
	Payload       []byte // JSON
	Deadline      time.Time
	TraceHeader   string // X-Amzn-Trace-Id
	ClientContext string // JSON or empty
}

// Response is what the runtime posted for an invocation.
type Response struct {
	Payload   []byte
	ErrorType string // empty for a success
}

// exchange is the invocation under way.
type exchange struct {
	Invocation
	delivered bool // the runtime has it
	answering bool // the runtime is posting its answer
	response  *Response
}

// delivery is what the runtime's poll gets.
type delivery struct{ exchange *exchange }

// Invoke thaws the environment and runs one invocation. respond is called once, as soon as the runtime has posted a
// response or an error; Invoke itself returns when the runtime and all extensions have asked for the next event.
// An error (a *Failure, or the cause of ctx) means the environment is beyond use; if that comes before a response,
// respond is not called.
func (e *Environment) Invoke(ctx context.Context, inv Invocation, respond func(Response)) error {
	defer e.output.flush()
	e.thaw()
	e.dispatch(&exchange{Invocation: inv})
	if err := e.await(ctx, e.responded); err != nil {
		return err
	}
	respond(e.response())
	return e.await(ctx, e.settled)
}

// dispatch gives the event to the extensions that want it and to the runtime.
func (e *Environment) dispatch(x *exchange) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.current = x
	for _, ext := range e.extensions {
		if ext.events[eventInvoke] {
			ext.mailbox.put(invokeEvent(x.Invocation))
		}
	}
	e.runtime.put(delivery{x})
}

// responded holds when the runtime has answered, even if it has died since.
func (e *Environment) responded() (bool, error) {
	if e.current.response != nil {
		return true, nil
	}
	return false, e.failureLocked()
}

func (e *Environment) response() Response {
	e.mu.Lock()
	defer e.mu.Unlock()
	return *e.current.response
}

// settled holds when the runtime and the extensions that got the event have asked for the next one.
func (e *Environment) settled() (bool, error) {
	if e.failure != nil {
		return false, e.failure
	}
	for _, x := range e.extensions {
		if x.events[eventInvoke] && !x.mailbox.waiting() {
			return false, nil
		}
	}
	return e.runtime.waiting(), nil
}

// failureLocked avoids the typed nil that returning e.failure as an error would be.
func (e *Environment) failureLocked() error {
	if e.failure == nil {
		return nil
	}
	return e.failure
}
