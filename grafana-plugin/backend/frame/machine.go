package frame

import "strings"

// machine is a state machine, or the children of its Map Runs, whose name is STATE-MACHINE/LABEL.
type machine struct{ arn, name string }

// machineOf names a state machine by its ARN.
func machineOf(arn string) machine { return machine{arn, nameOf(arn)} }

// nameOf is what follows the type in an ARN of Step Functions: arn:aws:states:REGION:ACCOUNT:TYPE:NAME.
func nameOf(arn string) string {
	parts := strings.SplitN(arn, ":", 7)
	return parts[len(parts)-1]
}

// executionName is the last part of an execution's ARN; of an Express workflow NAME:ID.
func executionName(arn string) string {
	_, name, _ := strings.Cut(nameOf(arn), ":")
	return name
}

// Names are those that several state machines of the store have. The rows of one answer do not tell: an alert's labels
// must not change when a second state machine of the name comes into it.
type Names map[string]bool

// labelled tells what names each state machine in labels: its name, or its ARN when another one has that name too.
func labelled[Row any](rows []Row, shared Names, of func(Row) machine) func(Row) string {
	first, ambiguous := map[string]string{}, map[string]bool{}
	for _, row := range rows { // a name may have come to be shared since the store was asked
		m := of(row)
		if arn, seen := first[m.name]; seen && arn != m.arn {
			ambiguous[m.name] = true
		}
		first[m.name] = m.arn
	}
	return func(row Row) string {
		m := of(row)
		name, label, isChild := strings.Cut(m.name, "/")
		switch {
		case !ambiguous[m.name] && !shared[name]:
			return m.name
		case isChild:
			return m.arn + "/" + label
		}
		return m.arn
	}
}
