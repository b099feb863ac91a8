package jsonata

import (
	"context"
	"reflect"
	"time"

	"github.com/recolabs/gnata"

	"github.com/steptrace/steptrace/sandbox/stepfunctions/dataflow/jsonvalue"
)

// Environment is what expressions can refer to. It serves any number of evaluations, one at a time.
type Environment struct {
	evaluate func(context.Context, *gnata.Expression) (any, error)
	bind     func(name string, v any)
}

// Sources are where an environment takes time, randomness and ids from.
type Sources struct {
	Now     func() time.Time
	Random  func() float64 // in [0,1)
	NewUUID func() string
}

// NewEnvironment has the functions of JSONata and of Step Functions, and no variables yet.
func NewEnvironment(sources Sources) *Environment {
	const probe = "probe"
	env := gnata.NewCustomEnv(map[string]gnata.CustomFunc{probe: nil})
	env.Bind("eval", nil)
	// Functions are bound as gnata's own: what it takes for custom ones loses the order of objects on the way.
	bound, _ := env.Lookup(probe)
	builtin := reflect.TypeOf(bound)
	env.Bind(probe, nil)
	for name, f := range sources.functions() {
		env.Bind(name, reflect.ValueOf(adapt(f)).Convert(builtin).Interface())
	}
	return &Environment{
		bind: env.Bind,
		evaluate: func(ctx context.Context, e *gnata.Expression) (any, error) {
			return e.EvalWithCustomFuncs(ctx, nil, env)
		},
	}
}

// Set gives the variable $name a value.
func (e *Environment) Set(name string, v jsonvalue.Value) { e.bind(name, toGnata(v)) }
