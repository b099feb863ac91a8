package wrapper

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
)

func readFields(fields []field, of any) []attribute.KeyValue {
	var attributes []attribute.KeyValue
	for _, f := range fields {
		v, ok := member(reflect.ValueOf(of), f.path)
		if !ok {
			continue
		}
		if kv := f.read(f.key, v); kv.Valid() {
			attributes = append(attributes, kv)
		}
	}
	return attributes
}

// member follows path; it is not there if a pointer or list on the way is nil or a field has another name.
func member(v reflect.Value, path string) (reflect.Value, bool) {
	for path != "" {
		var name string
		name, path, _ = strings.Cut(path, ".")
		if v = reflect.Indirect(v); v.Kind() != reflect.Struct {
			return v, false
		}
		if v = v.FieldByName(name); !v.IsValid() || isNil(v) {
			return v, false
		}
	}
	return reflect.Indirect(v), true
}

func isNil(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
		return v.IsNil()
	default:
		return false
	}
}

// The readers return an invalid attribute for a value of another kind than they read.

func text(key string, v reflect.Value) attribute.KeyValue {
	if v.Kind() != reflect.String {
		return attribute.KeyValue{}
	}
	return attribute.String(key, v.String())
}

func unquoted(key string, v reflect.Value) attribute.KeyValue {
	if v.Kind() != reflect.String {
		return attribute.KeyValue{}
	}
	return attribute.String(key, strings.Trim(v.String(), `"`))
}

func listOfOne(key string, v reflect.Value) attribute.KeyValue {
	if v.Kind() != reflect.String {
		return attribute.KeyValue{}
	}
	return attribute.StringSlice(key, []string{v.String()})
}

func number(key string, v reflect.Value) attribute.KeyValue {
	if !v.CanInt() {
		return attribute.KeyValue{}
	}
	return attribute.Int64(key, v.Int())
}

func length(key string, v reflect.Value) attribute.KeyValue {
	if v.Kind() != reflect.Slice && v.Kind() != reflect.Map {
		return attribute.KeyValue{}
	}
	return attribute.Int(key, v.Len())
}

// keys lists the keys of a map of tables, sorted.
func keys(key string, v reflect.Value) attribute.KeyValue {
	if v.Kind() != reflect.Map || v.Type().Key().Kind() != reflect.String {
		return attribute.KeyValue{}
	}
	names := map[string]bool{}
	for _, k := range v.MapKeys() {
		names[k.String()] = true
	}
	return attribute.StringSlice(key, slices.Sorted(maps.Keys(names)))
}

func boolean(key string, v reflect.Value) attribute.KeyValue {
	if v.Kind() != reflect.Bool {
		return attribute.KeyValue{}
	}
	return attribute.Bool(key, v.Bool())
}

// decimal reads a float32 as the number that was written.
func decimal(key string, v reflect.Value) attribute.KeyValue {
	if !v.CanFloat() {
		return attribute.KeyValue{}
	}
	f, _ := strconv.ParseFloat(strconv.FormatFloat(v.Float(), 'g', -1, v.Type().Bits()), 64) // its own text
	return attribute.Float64(key, f)
}

// arn reads what may be a name or an ARN, if it is an ARN.
func arn(key string, v reflect.Value) attribute.KeyValue {
	if v.Kind() != reflect.String || !strings.HasPrefix(v.String(), "arn:") {
		return attribute.KeyValue{}
	}
	return attribute.String(key, v.String())
}

// lastPart reads the name at the end of a URL or an ARN.
func lastPart(key string, v reflect.Value) attribute.KeyValue {
	if v.Kind() != reflect.String {
		return attribute.KeyValue{}
	}
	s := v.String()
	return attribute.String(key, s[strings.LastIndexAny(s, "/:")+1:])
}

// functionOf reads the name in NAME, NAME:QUALIFIER, ACCOUNT:function:NAME or an ARN.
func functionOf(key string, v reflect.Value) attribute.KeyValue {
	if v.Kind() != reflect.String {
		return attribute.KeyValue{}
	}
	name := v.String()
	if _, after, ok := strings.Cut(name, ":function:"); ok {
		name = after
	}
	name, _, _ = strings.Cut(name, ":")
	return attribute.String(key, name)
}

// maxListed bounds the entries of a batch that are listed: as many as PutEvents takes.
const maxListed = 10

// eachOf lists the different texts of a member of a list's elements.
func eachOf(path string) func(string, reflect.Value) attribute.KeyValue {
	return func(key string, v reflect.Value) attribute.KeyValue {
		if v.Kind() != reflect.Slice {
			return attribute.KeyValue{}
		}
		var texts []string
		for i := range min(v.Len(), maxListed) {
			if m, ok := member(v.Index(i), path); ok && m.Kind() == reflect.String && !slices.Contains(texts, m.String()) {
				texts = append(texts, m.String())
			}
		}
		if texts == nil {
			return attribute.KeyValue{}
		}
		return attribute.StringSlice(key, texts)
	}
}

// firstOf reads a member of a list's first element.
func firstOf(path string) func(string, reflect.Value) attribute.KeyValue {
	return func(key string, v reflect.Value) attribute.KeyValue {
		if v.Kind() != reflect.Slice || v.Len() == 0 {
			return attribute.KeyValue{}
		}
		m, ok := member(v.Index(0), path)
		if !ok {
			return attribute.KeyValue{}
		}
		return lastPart(key, m)
	}
}
