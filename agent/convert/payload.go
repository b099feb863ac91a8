package convert

import "github.com/steptrace/steptrace/agent/history"

// Option changes what of payloads leaves the converter. Ids, joins and triggers are always taken from payloads as they
// came.
type Option func(*payloads)

// Exposing has log records and causes made from what the function makes of an event's details, as redact.Policy does.
func Exposing(expose func(history.Details) history.Details) Option {
	return func(p *payloads) { p.expose = expose }
}

// WithoutFingerprints leaves out the fingerprints of payloads.
func WithoutFingerprints() Option {
	return func(p *payloads) { p.noFingerprints = true }
}

type payloads struct {
	expose         func(history.Details) history.Details // nil: as they came
	noFingerprints bool
}

func (p *payloads) exposed(d history.Details) history.Details {
	if p.expose == nil {
		return d
	}
	return p.expose(d)
}

func (p *payloads) exposedCause(cause string) string {
	if cause == "" {
		return ""
	}
	d := p.exposed(history.Details{Cause: cause})
	return d.Cause
}
