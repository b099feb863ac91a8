// Package selector picks state machines by ARN or by a pattern of names.
package selector

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// machineARN has no version and is no pattern: those would pick nothing.
var machineARN = regexp.MustCompile(`^arn:[^:]+:states:[^:]+:[^:]+:stateMachine:[^:*?\[\]]+$`)

// Machines are ARNs of state machines, and patterns of names in the manner of path.Match (image-*). None picks all.
type Machines []string

// Validate names the first entry that is neither an ARN nor a pattern, by its index.
func (m Machines) Validate() error {
	for i, entry := range m {
		if _, err := path.Match(entry, ""); err != nil || entry == "" || isARN(entry) && !machineARN.MatchString(entry) {
			return fmt.Errorf("%d: %q is neither the ARN of a state machine nor a pattern of names like image-*", i, entry)
		}
	}
	return nil
}

// ARNs are the entries that are ARNs.
func (m Machines) ARNs() []string {
	return slices.DeleteFunc(slices.Clone(m), func(entry string) bool { return !isARN(entry) })
}

// OnlyARNs is true when there is no need to look which state machines exist.
func (m Machines) OnlyARNs() bool { return len(m) > 0 && !slices.ContainsFunc(m, isPattern) }

// Match tells whether the state machine is picked. Of the child of a Map Run it is the state machine that has the Map.
func (m Machines) Match(arn string) bool {
	if len(m) == 0 {
		return true
	}
	arn, _, _ = strings.Cut(arn, "/")
	name := Name(arn)
	return slices.ContainsFunc(m, func(entry string) bool {
		if isARN(entry) {
			return entry == arn
		}
		ok, _ := path.Match(entry, name) // Validate has looked at the pattern
		return ok
	})
}

// Name is the state machine's name in its ARN.
func Name(arn string) string { return arn[strings.LastIndexByte(arn, ':')+1:] }

func isARN(entry string) bool     { return strings.HasPrefix(entry, "arn:") }
func isPattern(entry string) bool { return !isARN(entry) }
