package interpreter

import (
	"fmt"
	"strings"
)

// traceRoot is what all X-Ray headers of one execution share.
type traceRoot struct {
	root    string // 1-<8 hex digits of epoch seconds>-<24 hex digits>
	sampled string // "0" or "1"
}

// newTraceRoot takes root and sampling decision from the header that StartExecution had, or makes an unsampled root.
func newTraceRoot(i *Interpreter, x *Execution) traceRoot {
	t := traceRoot{sampled: "0"}
	for field := range strings.SplitSeq(x.TraceHeader, ";") {
		key, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		switch {
		case key == "Root":
			t.root = value
		case key == "Sampled" && value == "1":
			t.sampled = value
		}
	}
	if t.root == "" {
		t.root = fmt.Sprintf("1-%08x-%s", x.StartTime.Unix(), i.hex(24))
	}
	return t
}

// traceHeader is the X-Amzn-Trace-Id of one call: the execution's root and a parent of its own.
func (r *run) traceHeader() string {
	return fmt.Sprintf("Root=%s;Parent=%s;Sampled=%s", r.traceRoot.root, r.hex(16), r.traceRoot.sampled)
}

// hex is that many random hex digits, at most 32.
func (i *Interpreter) hex(digits int) string {
	return strings.ReplaceAll(i.NewUUID(), "-", "")[:digits]
}
