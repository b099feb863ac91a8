package wrapper

import (
	"reflect"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
)

// consumed reads DynamoDB's ConsumedCapacity: one, or a list of one for each table.
func consumed(v reflect.Value) (tables []string, units []float64) {
	of := func(one reflect.Value) {
		amount, ok := member(one, "CapacityUnits")
		if !ok || !amount.CanFloat() {
			return
		}
		table := ""
		if name, ok := member(one, "TableName"); ok && name.Kind() == reflect.String {
			table = name.String()
		}
		tables, units = append(tables, table), append(units, amount.Float())
	}
	if v.Kind() != reflect.Slice {
		of(v)
		return tables, units
	}
	for i := range v.Len() {
		of(v.Index(i))
	}
	return tables, units
}

// capacities lists consumed capacity as JSON, which is how the semantic conventions have it.
func capacities(key string, v reflect.Value) attribute.KeyValue {
	tables, units := consumed(v)
	if len(tables) == 0 {
		return attribute.KeyValue{}
	}
	list := make([]string, len(tables))
	for i := range tables { // names of tables and ARNs need no escapes
		list[i] = `{"TableName":"` + tables[i] + `","CapacityUnits":` + strconv.FormatFloat(units[i], 'g', -1, 64) + `}`
	}
	return attribute.StringSlice(key, list)
}

func capacityUnits(key string, v reflect.Value) attribute.KeyValue {
	_, units := consumed(v)
	if len(units) == 0 {
		return attribute.KeyValue{}
	}
	sum := 0.0
	for _, u := range units {
		sum += u
	}
	return attribute.Float64(key, sum)
}
