package plugin

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/steptrace/steptrace/grafana-plugin/backend/query"
	"github.com/steptrace/steptrace/store"
)

// choice is a value to choose, as variables and forms take it.
type choice struct {
	Text  string `json:"text"`
	Value string `json:"value"`
}

// valuesOf are what the parameter of may name.
var valuesOf = map[string]func(context.Context, *store.DB, store.NameFilter) ([]choice, error){
	"machines": machineChoices, "states": stateChoices, "functions": functionChoices, "errors": errorChoices,
	"statuses": statusChoices, "services": serviceChoices, "operations": operationChoices,
}

func (i *Instance) valuesResource(ctx context.Context, p url.Values) (any, error) {
	of, known := valuesOf[p.Get("of")]
	if !known {
		return nil, fmt.Errorf("%w: of: %.100q is not one of %s", query.ErrInvalid, p.Get("of"),
			strings.Join(slices.Sorted(maps.Keys(valuesOf)), ", "))
	}
	since, until, err := within(p)
	if err != nil {
		return nil, err
	}
	machines := slices.DeleteFunc(slices.Clone(p["machine"]), func(m string) bool { return m == "" })
	return of(ctx, i.db, store.NameFilter{StateMachines: machines, Since: since, Until: until})
}

// machineChoices are state machines by name; of a name that several regions or accounts have, by ARN.
func machineChoices(ctx context.Context, db *store.DB, f store.NameFilter) ([]choice, error) {
	found, err := db.StateMachines(ctx, store.MachineFilter{
		StateMachines: f.StateMachines, Since: f.Since, Until: f.Until,
	})
	if err != nil {
		return nil, err
	}
	named := map[string]int{}
	for _, m := range found {
		named[m.Name]++
	}
	choices := []choice{}
	for _, m := range found {
		if named[m.Name] > 1 {
			choices = append(choices, choice{m.ARN, m.ARN})
			continue
		}
		choices = append(choices, choice{m.Name, m.Name})
	}
	return choices, nil
}

func stateChoices(ctx context.Context, db *store.DB, f store.NameFilter) ([]choice, error) {
	names, err := db.StateNames(ctx, f)
	return choicesOf(names), err
}

func errorChoices(ctx context.Context, db *store.DB, f store.NameFilter) ([]choice, error) {
	names, err := db.ErrorNames(ctx, f)
	return choicesOf(names), err
}

func functionChoices(ctx context.Context, db *store.DB, f store.NameFilter) ([]choice, error) {
	found, err := db.Functions(ctx, store.FunctionFilter{
		StateMachines: f.StateMachines, Since: f.Since, Until: f.Until,
	})
	var names []string
	for _, function := range found {
		names = append(names, function.Name)
	}
	return choicesOf(names), err
}

func serviceChoices(ctx context.Context, db *store.DB, f store.NameFilter) ([]choice, error) {
	return callChoices(ctx, db, f, func(c store.CallGroup) string { return c.Service })
}

func operationChoices(ctx context.Context, db *store.DB, f store.NameFilter) ([]choice, error) {
	return callChoices(ctx, db, f, func(c store.CallGroup) string { return c.Operation })
}

// maxGroups is as many groups of calls as the store tells at once.
const maxGroups = 10_000

func callChoices(
	ctx context.Context, db *store.DB, f store.NameFilter, nameOf func(store.CallGroup) string,
) ([]choice, error) {
	found, err := db.Calls(ctx, store.CallFilter{
		StateMachines: f.StateMachines, Since: f.Since, Until: f.Until, Limit: maxGroups,
	}, 0)
	var names []string
	for _, group := range found {
		names = append(names, nameOf(group))
	}
	return choicesOf(names), err
}

func statusChoices(context.Context, *store.DB, store.NameFilter) ([]choice, error) {
	return []choice{
		{"Running", "RUNNING"},
		{"Succeeded", "SUCCEEDED"},
		{"Failed", "FAILED"},
		{"Timed out", "TIMED_OUT"},
		{"Aborted", "ABORTED"},
	}, nil
}

// choicesOf are names in order, each once.
func choicesOf(names []string) []choice {
	names = slices.Clone(names)
	slices.Sort(names)
	choices := []choice{}
	for _, name := range slices.Compact(names) {
		choices = append(choices, choice{name, name})
	}
	return choices
}
