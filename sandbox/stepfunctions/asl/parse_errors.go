package asl

import (
	"fmt"
	"math"
	"slices"
)

// maxDelay is the largest MaxDelaySeconds: a year and a day.
const maxDelay = 31622400

func parseRetry(f *fields) []Retrier {
	list := f.list("Retry")
	retriers := make([]Retrier, 0, len(list))
	for i, v := range list {
		inner := f.within(fmt.Sprintf("%s[%d]", f.place("Retry"), i), v)
		retriers = append(retriers, parseRetrier(inner, i == len(list)-1))
	}
	return retriers
}

func parseRetrier(f *fields, last bool) Retrier {
	f.comment()
	r := Retrier{
		ErrorEquals:     parseErrorEquals(f, last),
		IntervalSeconds: f.whole("IntervalSeconds", 1, 1, maxSeconds),
		MaxAttempts:     f.whole("MaxAttempts", 3, 0, maxSeconds),
		BackoffRate:     f.number("BackoffRate", 2, 1, math.MaxFloat64),
		MaxDelaySeconds: f.whole("MaxDelaySeconds", 0, 1, maxDelay),
		JitterStrategy:  f.choice("JitterStrategy", "NONE", "FULL"),
	}
	if r.MaxDelaySeconds > 0 && r.MaxDelaySeconds <= r.IntervalSeconds {
		f.schema(f.place("MaxDelaySeconds"), "MaxDelaySeconds must be greater than IntervalSeconds")
	}
	f.done()
	return r
}

func parseCatch(f *fields) []Catcher {
	list := f.list("Catch")
	catchers := make([]Catcher, 0, len(list))
	for i, v := range list {
		inner := f.within(fmt.Sprintf("%s[%d]", f.place("Catch"), i), v)
		catchers = append(catchers, parseCatcher(inner, i == len(list)-1))
	}
	return catchers
}

func parseCatcher(f *fields, last bool) Catcher {
	f.comment()
	f.require("Next")
	f.only(JSONata, "Output")
	c := Catcher{
		ErrorEquals: parseErrorEquals(f, last),
		Next:        f.text("Next"),
		ResultPath:  f.path("ResultPath"),
		Output:      f.payload("Output"),
		Assign:      parseAssign(f),
	}
	f.done()
	return c
}

// parseErrorEquals reads a non-empty list of error names, in which the wildcard States.ALL stands alone and last.
func parseErrorEquals(f *fields, last bool) []string {
	f.require("ErrorEquals")
	names := f.texts("ErrorEquals")
	at := f.place("ErrorEquals")
	switch {
	case f.has("ErrorEquals") && len(names) == 0:
		f.schema(at, "ErrorEquals must not be empty")
	case slices.Contains(names, "States.ALL") && len(names) > 1:
		f.schema(at, "States.ALL must be the only name in ErrorEquals")
	case slices.Contains(names, "States.ALL") && !last:
		f.schema(at, "States.ALL must be in the last entry")
	}
	return names
}
