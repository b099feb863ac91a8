package dashboards_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/require"
)

// number is a value with its labels, as Grafana's expressions have it.
type number struct {
	labels data.Labels
	value  float64
	seen   map[string]float64 // the values that it comes from, by refId
}

// instance is what a rule says of one set of labels.
type instance struct {
	number
	firing bool
}

// evaluate does with a rule what Grafana does: its queries go to the data source, its expressions take their numbers,
// and the condition tells. No numbers are no data.
func (r *rig) evaluate(t *testing.T, rule rule) []instance {
	t.Helper()
	vars := map[string][]number{}
	for _, q := range rule.Data {
		switch {
		case q.UID != expressions:
			answer := r.ask(q.Model, time.Duration(q.Range.From)*time.Second)
			require.NoError(t, answer.Error, rule.UID)
			vars[q.RefID] = numbersOf(t, q.RefID, answer.Frames)
		case q.Model["type"] == "threshold":
			vars[q.RefID] = threshold(condition(t, q), vars[q.Model["expression"].(string)])
		default:
			vars[q.RefID] = calculate(t, q.Model["expression"].(string), vars)
		}
	}
	var found []instance
	for _, n := range vars[rule.Condition] {
		found = append(found, instance{n, n.value != 0})
	}
	return found
}

// numbersOf reads frames as Grafana's expressions do by the data plane contract: numeric-multi has a number a frame,
// numeric-long one a row, with text columns as labels. What is neither is no number, and would need a reduction.
func numbersOf(t *testing.T, refID string, frames data.Frames) (found []number) {
	t.Helper()
	if len(frames) == 1 && len(frames[0].Fields) == 0 {
		return nil
	}
	for _, f := range frames {
		require.NotNil(t, f.Meta)
		require.Equal(t, data.FrameTypeVersion{0, 1}, f.Meta.TypeVersion)
		switch f.Meta.Type {
		case data.FrameTypeNumericMulti:
			require.Len(t, f.Fields, 1)
			require.Equal(t, 1, f.Rows())
			found = append(found, numberAt(t, refID, f.Fields[0], 0, f.Fields[0].Labels))
		case data.FrameTypeNumericLong:
			found = append(found, longNumbers(t, refID, f)...)
		default:
			t.Fatalf("frame of type %s", f.Meta.Type)
		}
	}
	seen := map[string]bool{}
	for _, n := range found {
		require.False(t, seen[n.labels.String()], "two numbers have the labels %s", n.labels)
		seen[n.labels.String()] = true
	}
	return found
}

func longNumbers(t *testing.T, refID string, f *data.Frame) (found []number) {
	t.Helper()
	for row := range f.Rows() {
		labels, value := data.Labels{}, -1
		for n, field := range f.Fields {
			if field.Type().Numeric() {
				require.Negative(t, value, "one number a row")
				value = n
				continue
			}
			text, ok := f.ConcreteAt(n, row)
			require.True(t, ok)
			labels[field.Name] = text.(string)
		}
		found = append(found, numberAt(t, refID, f.Fields[value], row, labels))
	}
	return found
}

func numberAt(t *testing.T, refID string, f *data.Field, row int, labels data.Labels) number {
	t.Helper()
	value, err := f.FloatAt(row)
	require.NoError(t, err)
	return number{labels, value, map[string]float64{refID: value}}
}

func threshold(c evaluator, numbers []number) (found []number) {
	for _, n := range numbers {
		low, high := c.Params[0], c.Params[len(c.Params)-1]
		holds := map[string]bool{
			"gt": n.value > low, "lt": n.value < low,
			"within_range": n.value > low && n.value < high, "outside_range": n.value < low || n.value > high,
		}[c.Type]
		found = append(found, number{n.labels, truth(holds), n.seen})
	}
	return found
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// calculate evaluates comparisons and && of Grafana's math expressions. Numbers belong together when the labels of one
// contain those of the other.
func calculate(t *testing.T, text string, vars map[string][]number) []number {
	t.Helper()
	parsed, err := parser.ParseExpr(strings.ReplaceAll(text, "$", ""))
	require.NoError(t, err)
	return evaluateNode(t, parsed, vars)
}

func evaluateNode(t *testing.T, node ast.Expr, vars map[string][]number) []number {
	t.Helper()
	switch node := node.(type) {
	case *ast.Ident:
		return vars[node.Name]
	case *ast.BasicLit:
		value, err := strconv.ParseFloat(node.Value, 64)
		require.NoError(t, err)
		return []number{{value: value}}
	case *ast.BinaryExpr:
		return united(t, node.Op, evaluateNode(t, node.X, vars), evaluateNode(t, node.Y, vars))
	}
	t.Fatalf("%T is not of the expressions that this test knows", node)
	return nil
}

func united(t *testing.T, op token.Token, left, right []number) (found []number) {
	t.Helper()
	for _, a := range left {
		for _, b := range right {
			labels := a.labels
			switch {
			case a.labels.Contains(b.labels):
			case b.labels.Contains(a.labels):
				labels = b.labels
			default:
				continue
			}
			seen := maps.Clone(a.seen)
			if seen == nil {
				seen = map[string]float64{}
			}
			maps.Copy(seen, b.seen)
			found = append(found, number{labels, apply(t, op, a.value, b.value), seen})
		}
	}
	return found
}

func apply(t *testing.T, op token.Token, a, b float64) float64 {
	t.Helper()
	holds, known := map[token.Token]bool{token.GTR: a > b, token.GEQ: a >= b, token.LAND: a != 0 && b != 0}[op]
	require.True(t, known, "operator %s is not of the expressions that this test knows", op)
	return truth(holds)
}
