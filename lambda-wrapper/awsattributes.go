package wrapper

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/steptrace/steptrace/spanid/semconv"
)

// Inputs and outputs are read by field name, because importing the service packages here would link them into every
// function. A field that a future SDK renames leaves its attribute out.

// field says which attribute a member becomes; path is dotted through structs and pointers.
type field struct {
	path string
	key  string
	read func(key string, v reflect.Value) attribute.KeyValue
}

var requestFields = map[string][]field{
	"S3": {
		{"Bucket", semconv.S3Bucket, text},
		{"Key", semconv.S3Key, text},
		{"VersionId", semconv.S3VersionID, text},
		{"ContentLength", semconv.S3ObjectSize, number},
	},
	"DynamoDB": {
		{"TableName", semconv.DynamoDBTables, listOfOne}, {"RequestItems", semconv.DynamoDBTables, keys},
	},
	"Rekognition": {
		{"Image.S3Object.Bucket", semconv.S3Bucket, text},
		{"Image.S3Object.Name", semconv.S3Key, text},
		{"Image.S3Object.Version", semconv.S3VersionID, text},
		{"Image.Bytes", semconv.RekognitionImageSize, length},
	},
}

var responseFields = map[string][]field{
	"S3": {
		{"ETag", semconv.S3ETag, unquoted},
		{"VersionId", semconv.S3VersionID, text},
		{"ContentLength", semconv.S3ObjectSize, number},
	},
	"DynamoDB": {
		{"Count", semconv.DynamoDBCount, number}, {"ScannedCount", semconv.DynamoDBScanned, number},
	},
	"Rekognition": {
		{"FaceDetails", semconv.RekognitionFaces, length},
		{"Labels", semconv.RekognitionLabels, length},
		{"LabelModelVersion", semconv.RekognitionModel, text},
		{"FaceModelVersion", semconv.RekognitionModel, text},
	},
}

func requestAttributes(service string, input any) []attribute.KeyValue {
	attributes := readFields(requestFields[service], input)
	if service == "DynamoDB" {
		attributes = append(attributes, attribute.String(semconv.DBSystem, "aws.dynamodb"))
	}
	return attributes
}

func responseAttributes(service string, output any) []attribute.KeyValue {
	return readFields(responseFields[service], output)
}

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
	if v.Kind() != reflect.Slice {
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
