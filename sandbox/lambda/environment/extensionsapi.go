package environment

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/google/uuid"
)

// Events of the Extensions API.
const (
	eventInvoke   = "INVOKE"
	eventShutdown = "SHUTDOWN"
)

const (
	maxExtensions   = 10
	maxRegistration = 64 << 10 // bytes of a registration or of an error report
	headerName      = "Lambda-Extension-Name"
	headerID        = "Lambda-Extension-Identifier"
	headerExtError  = "Lambda-Extension-Function-Error-Type"
)

// extension is one party of the Extensions API: external (a process of its own) or internal (inside the runtime).
type extension struct {
	id         string // Lambda-Extension-Identifier
	name       string
	external   bool
	registered bool
	events     map[string]bool
	mailbox    mailbox[[]byte]
}

// registrar is open until the runtime asks for its first event.
type registrar struct{ open bool }

type registration struct {
	Events            []string `json:"events"`
	ConfigurationKeys []string `json:"configurationKeys"`
}

// extensionRegister is POST /extension/register.
func (e *Environment) extensionRegister(w http.ResponseWriter, r *http.Request) {
	name := r.Header.Get(headerName)
	if name == "" {
		forbid(w, "Extension.InvalidExtensionName", "Empty extension name")
		return
	}
	request, err := decodeRegistration(r.Body)
	if err != nil {
		forbid(w, "InvalidRequestFormat", err.Error())
		return
	}
	x, refusal := e.register(name, request.Events)
	if refusal != nil {
		forbid(w, refusal.Type, refusal.Message)
		return
	}
	e.notify()
	w.Header().Set(headerID, x.id)
	writeJSON(w, http.StatusOK, e.registered(r))
}

func decodeRegistration(body io.Reader) (registration, error) {
	var request registration
	if err := json.NewDecoder(io.LimitReader(body, maxRegistration)).Decode(&request); err != nil {
		return request, fmt.Errorf("the registration is not the JSON of one: %w", err)
	}
	if len(request.ConfigurationKeys) > 0 {
		return request, fmt.Errorf("configurationKeys are deprecated; use environment variables instead")
	}
	return request, nil
}

// registered is the answer to a registration.
func (e *Environment) registered(r *http.Request) map[string]string {
	answer := map[string]string{
		"functionName": e.spec.FunctionName, "functionVersion": e.spec.FunctionVersion, "handler": e.spec.Handler,
	}
	if r.Header.Get("Lambda-Extension-Accept-Feature") == "accountId" {
		answer["accountId"] = e.spec.AccountID
	}
	return answer
}

// register finds the external extension of that name or makes an internal one.
func (e *Environment) register(name string, events []string) (*extension, *Failure) {
	e.mu.Lock()
	defer e.mu.Unlock()
	i := slices.IndexFunc(e.extensions, func(x *extension) bool { return x.name == name })
	switch {
	case i >= 0 && e.extensions[i].registered:
		return nil, &Failure{Type: "Extension.InvalidExtensionState", Message: "Extension with this name already registered"}
	case i >= 0:
		return e.extensions[i].enroll(events, eventInvoke, eventShutdown)
	case !e.registrar.open:
		return nil, &Failure{Type: "Extension.RegistrationClosed", Message: "Extension registration closed already"}
	case len(e.extensions) >= maxExtensions:
		return nil, &Failure{
			Type: "Extension.TooManyExtensions", Message: fmt.Sprintf("Extension limit (%d) reached", maxExtensions),
		}
	}
	x, refusal := (&extension{name: name}).enroll(events, eventInvoke)
	if refusal == nil {
		e.extensions = append(e.extensions, x)
	}
	return x, refusal
}

// enroll subscribes the extension; an internal one ends with the runtime and may not ask for SHUTDOWN.
func (x *extension) enroll(events []string, allowed ...string) (*extension, *Failure) {
	subscribed := map[string]bool{}
	for _, event := range events {
		if !slices.Contains(allowed, event) {
			return nil, &Failure{
				Type: "Extension.InvalidEventType", Message: fmt.Sprintf("%s: event type not supported by %s", event, x.name),
			}
		}
		subscribed[event] = true
	}
	x.id, x.events, x.registered = uuid.NewString(), subscribed, true
	return x, nil
}

// extensionNext is GET /extension/event/next.
func (e *Environment) extensionNext(w http.ResponseWriter, r *http.Request) {
	x, ok := e.identify(w, r)
	if !ok {
		return
	}
	e.mu.Lock()
	poll := x.mailbox.ask()
	e.mu.Unlock()
	e.notify()

	event, ok := waitPoll(e, r, &x.mailbox, poll)
	if !ok {
		forbid(w, "Extension.InvalidExtensionState", "Another request for the next event has taken the place of this one")
		return
	}
	w.Header().Set(headerID, x.id)
	w.Header().Set("Lambda-Extension-Event-Identifier", uuid.NewString())
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(event) //nolint:gosec // JSON for a process, not for a browser; one that has gone is seen by its exit
}

// extensionInitError is POST /extension/init/error.
func (e *Environment) extensionInitError(w http.ResponseWriter, r *http.Request) {
	e.extensionError(w, r, TypeExtensionInit)
}

// extensionExitError is POST /extension/exit/error.
func (e *Environment) extensionExitError(w http.ResponseWriter, r *http.Request) {
	e.extensionError(w, r, TypeExtensionExit)
}

func (e *Environment) extensionError(w http.ResponseWriter, r *http.Request, failure string) {
	x, ok := e.identify(w, r)
	if !ok {
		return
	}
	reported := r.Header.Get(headerExtError)
	if reported == "" {
		forbid(w, "Extension.MissingHeader", headerExtError+" not found")
		return
	}
	e.fail(&Failure{Type: failure, Message: fmt.Sprintf("extension %s reported %s", x.name, reported)})
	accept(w)
}

// identify finds the extension by the identifier it got at its registration.
func (e *Environment) identify(w http.ResponseWriter, r *http.Request) (*extension, bool) {
	id := r.Header.Get(headerID)
	if id == "" {
		forbid(w, "Extension.MissingExtensionIdentifier", "Missing "+headerID+" header")
		return nil, false
	}
	if _, err := uuid.Parse(id); err != nil {
		forbid(w, "Extension.InvalidExtensionIdentifier", "Invalid "+headerID)
		return nil, false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, x := range e.extensions {
		if x.registered && x.id == id {
			return x, true
		}
	}
	forbid(w, "Extension.UnknownExtensionIdentifier", "Unknown extension "+id)
	return nil, false
}

// tracing is how events carry the X-Ray header.
type tracing struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

// event is the JSON of INVOKE and SHUTDOWN.
type event struct {
	EventType          string   `json:"eventType"`
	DeadlineMS         int64    `json:"deadlineMs"`
	RequestID          string   `json:"requestId,omitempty"`
	InvokedFunctionARN string   `json:"invokedFunctionArn,omitempty"`
	Tracing            *tracing `json:"tracing,omitempty"`
	ShutdownReason     Reason   `json:"shutdownReason,omitempty"`
}

func invokeEvent(inv Invocation) []byte {
	return event{
		EventType: eventInvoke, DeadlineMS: inv.Deadline.UnixMilli(), RequestID: inv.RequestID,
		InvokedFunctionARN: inv.FunctionARN, Tracing: &tracing{Type: "X-Amzn-Trace-Id", Value: inv.TraceHeader},
	}.json()
}

func (e event) json() []byte {
	body, _ := json.Marshal(e) // strings and a number always marshal
	return body
}
